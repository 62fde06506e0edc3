import { countReaders } from 'native-free-rings';
import { MillraceError } from '../thread/errors.ts';
import type { DeadLetter } from '../thread/failure-policy.ts';
import type { FlowPlan } from '../thread/plan.ts';
import { messageOf } from '../thread/thrown.ts';
import type { CrewHooks } from './crew.ts';
import type { TakeDeadLetter } from './failure-options.ts';
import { readEvent } from './read-event.ts';
import type { RestartDetails } from './restart-limit.ts';
import { describeStall } from './stall-text.ts';
import type { HeadOfLine } from './stats.ts';

/** Whom incidents are told. */
export interface IncidentListeners {
  restart(thread: string, cause: unknown, details: RestartDetails): void;
  /** False where nobody listens. */
  stall(head: HeadOfLine): boolean;
  readonly writer: 'ring' | 'function' | 'module';
  readonly deadLetters: TakeDeadLetter | undefined;
}

/** What goes wrong without failing the flow: told to whom it concerns, and counted. */
export class Incidents implements CrewHooks {
  restarts = 0;
  stalls = 0;
  /** Letters that are with `deadLetters`. */
  letters = 0;
  /** The head of which the process was warned last. */
  private warnedOf = '';
  private readonly plan: FlowPlan;
  private readonly listeners: IncidentListeners;

  constructor(plan: FlowPlan, listeners: IncidentListeners) {
    this.plan = plan;
    this.listeners = listeners;
  }

  restarting(thread: string, cause: unknown, details: RestartDetails): void {
    // Of its own, so that what a listener throws is the process's affair, as with any emitter.
    queueMicrotask(() => this.listeners.restart(thread, cause, details));
  }

  restarted(): void {
    this.restarts++;
  }

  stalled(head: HeadOfLine | undefined): void {
    if (head === undefined) return;
    this.stalls++;
    if (!this.listeners.stall(head)) this.warn(head);
  }

  /** Once for each head: it may stand for long. */
  private warn(head: HeadOfLine): void {
    const about = `${head.sequence} ${head.cause}`;
    if (about === this.warnedOf) return;
    this.warnedOf = about;
    const { name, destination } = this.plan;
    const readers = destination === undefined ? undefined : countReaders(destination);
    const text = describeStall(head, { name, readers, writer: this.listeners.writer });
    process.emitWarning(text, { type: 'MillraceWarning', code: 'MILLRACE_STALL' });
  }

  async deadLetter(letter: DeadLetter): Promise<void> {
    const { deadLetters } = this.listeners;
    if (deadLetters === undefined) {
      throw new MillraceError(
        'BAD_OPTIONS',
        `a Nack gives items of sequence ${letter.sequence} up: give the pipeline \`deadLetters\`, a function that takes them`,
        { sequence: letter.sequence, cause: letter.cause },
      );
    }
    const whole = letter.from === 'processor' ? { ...letter, event: readEvent(this.plan, letter.sequence) } : letter;
    this.letters++;
    try {
      await deadLetters(whole);
    } catch (cause) {
      throw deadLettersFailed(letter, cause);
    } finally {
      this.letters--;
    }
  }
}

function deadLettersFailed({ from, sequence }: DeadLetter, cause: unknown): MillraceError {
  const message = messageOf(cause);
  return new MillraceError(
    from === 'writer' ? 'WRITER_FAILED' : 'PROCESSOR_FAILED',
    `\`deadLetters\` failed on what the ${from} gave up of sequence ${sequence}: ${message}`,
    { sequence, cause },
  );
}
