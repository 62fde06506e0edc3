import { MillraceError } from '../thread/errors.ts';
import type { DeadLetter } from '../thread/failure-policy.ts';
import type { FlowPlan } from '../thread/plan.ts';
import type { CrewHooks } from './crew.ts';
import type { TakeDeadLetter } from './failure-options.ts';
import { readEvent } from './read-event.ts';
import type { RestartDetails } from './restart-limit.ts';
import type { HeadOfLine } from './stats.ts';

/** Whom incidents are told. */
export interface IncidentListeners {
  restart(thread: string, cause: unknown, details: RestartDetails): void;
  stall(head: HeadOfLine): void;
  readonly deadLetters: TakeDeadLetter | undefined;
}

/** What goes wrong without failing the flow: told to whom it concerns, and counted. */
export class Incidents implements CrewHooks {
  restarts = 0;
  stalls = 0;
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
    this.listeners.stall(head);
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
    try {
      await deadLetters(whole);
    } catch (cause) {
      throw deadLettersFailed(letter, cause);
    }
  }
}

function deadLettersFailed({ from, sequence }: DeadLetter, cause: unknown): MillraceError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new MillraceError(
    from === 'writer' ? 'WRITER_FAILED' : 'PROCESSOR_FAILED',
    `\`deadLetters\` failed on what the ${from} gave up of sequence ${sequence}: ${message}`,
    { sequence, cause },
  );
}
