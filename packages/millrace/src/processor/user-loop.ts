import type { WorkWord } from '../thread/control-block.ts';
import { MillraceError } from '../thread/errors.ts';
import type { Attempts } from './attempts.ts';
import type { ProcessorDefinition } from './definition.ts';
import { EventOutput } from './event-output.ts';
import type { LaneOutput } from './lane-output.ts';
import { takeReturned, takesOutput } from './returned.ts';
import type { SourceView } from './source-view.ts';

export interface LoopParts {
  readonly definition: ProcessorDefinition<unknown, unknown>;
  readonly source: SourceView<unknown>;
  readonly output: LaneOutput<unknown>;
  /** An output that goes on in the lane where the one before has ended. */
  nextOutput(): LaneOutput<unknown>;
  /** Shows which event is in work. */
  readonly at: WorkWord;
}

type Step = (begin: number, end: number) => PromiseLike<void> | undefined;
const OPEN = 0;
const COMPUTE = 1;

/**
 * The loop over the user's code, and the output that it is given. The output takes items while an event is in work and at no
 * other time. As long as `process` returns no promise it is one object for all events. From the first promise on each attempt
 * at an event has one of its own, so that code which outlives its event cannot emit into the next.
 */
export class UserLoop {
  output: LaneOutput<unknown>;
  private readonly definition: ProcessorDefinition<unknown, unknown>;
  private readonly source: SourceView<unknown>;
  private readonly nextOutput: () => LaneOutput<unknown>;
  private readonly attempts: Attempts;
  private readonly at: WorkWord;
  private readonly hasInterest: boolean;
  /** Items go to the output: what `process` returns is no item by itself. */
  private readonly isBeside: boolean;
  private hasPromises = false;
  /** The output of all events was given to one that returned a promise. */
  private isHandedOut = false;
  /** The output of the attempt in work, where it has one of its own. */
  private given: EventOutput | undefined;

  private readonly open: Step = () => {
    this.output.open();
    return undefined;
  };

  /** The loop over the user's code, and nothing that is not for each event: hot path rule 8. */
  private readonly computeAll: Step = (begin, end) => {
    const { source, definition, hasInterest, output, at } = this;
    for (let sequence = begin; sequence < end; sequence++) {
      output.current = sequence;
      at.show(sequence);
      const event = source.at(sequence);
      if (hasInterest && !this.isOfInterest(event, sequence)) continue;
      const result = definition.process(event, output) as unknown;
      if (result !== undefined) {
        const promise = takeReturned(result, output, this.isBeside);
        if (promise !== undefined) return promise;
      }
      output.finish();
    }
    return undefined;
  };

  private readonly steps: readonly Step[] = [this.open, this.computeAll];

  constructor({ definition, source, output, nextOutput, at }: LoopParts, attempts: Attempts) {
    this.definition = definition;
    this.source = source;
    this.output = output;
    this.nextOutput = nextOutput;
    this.at = at;
    this.attempts = attempts;
    this.hasInterest = definition.interested !== undefined;
    this.isBeside = takesOutput(definition);
    output.close();
  }

  /**
   * Computes events from `begin` up to `end`, or up to one for whose promise it has to wait: `output.current` is its.
   * `showsEach`: what comes of an event is shown before the next one begins, which may take long; of the last one, by the caller.
   */
  run(begin: number, end: number, showsEach: boolean): PromiseLike<void> | undefined {
    if (this.hasPromises) return this.runApart(begin, end);
    const { output, source } = this;
    const { mayBeVoid } = source;
    this.step(OPEN, begin, end);
    for (let sequence = begin; sequence < end; ) {
      const next = showsEach ? sequence + 1 : end;
      const stop = mayBeVoid ? source.nextVoid(sequence, next) : next;
      if (stop === sequence) {
        sequence = source.nextEvent(sequence, end);
        output.current = sequence - 1;
        continue;
      }
      const promise = this.step(COMPUTE, sequence, stop);
      if (promise !== undefined) {
        this.isHandedOut = true;
        return promise;
      }
      // What an exception inside `emit` has left behind is not to be shown.
      output.expectWhole();
      sequence = output.current + 1;
      if (sequence < end) output.publish(sequence);
    }
    output.close();
    return undefined;
  }

  /**
   * Called by number, so that the engine compiles neither into its caller: beside that one's code there would be no room for the
   * user's (hot path rule 8).
   */
  private step(step: number, begin: number, end: number): PromiseLike<void> | undefined {
    return this.steps[step](begin, end);
  }

  /** Computes one event, as `run` does. */
  compute(event: unknown, sequence: number): PromiseLike<void> | undefined {
    const { output } = this;
    output.current = sequence;
    if (this.hasInterest && !this.isOfInterest(event, sequence)) return undefined;
    if (this.hasPromises) this.given = new EventOutput(output, this.attempts.next(sequence));
    const given = this.given ?? output;
    output.open();
    const promise = takeReturned(this.definition.process(event, given), given, this.isBeside);
    if (promise === undefined) this.finish();
    else this.isHandedOut = given === output;
    return promise;
  }

  /** The event in work is done. */
  finish(): void {
    this.output.finish();
    this.output.expectWhole();
    this.endAttempt();
  }

  /**
   * The attempt in work is over, however it ended: its output takes nothing more. One that was given to all events until a
   * promise came is not used again.
   */
  endAttempt(): void {
    const { output } = this;
    output.close();
    this.given?.end();
    this.given = undefined;
    if (!this.isHandedOut) return;
    this.isHandedOut = false;
    this.hasPromises = true;
    output.retire(this.attempts.next(output.current));
    this.output = this.nextOutput();
    this.output.follow(output);
  }

  private runApart(begin: number, end: number): PromiseLike<void> | undefined {
    const { source, output, at } = this;
    for (let sequence = begin; sequence < end; sequence++) {
      output.current = sequence;
      at.show(sequence);
      const next = source.mayBeVoid ? source.nextEvent(sequence, end) : sequence;
      if (next > sequence) {
        sequence = next - 1;
        continue;
      }
      const promise = this.compute(source.at(sequence), sequence);
      if (promise !== undefined) return promise;
    }
    return undefined;
  }

  private isOfInterest(event: unknown, sequence: number): boolean {
    const { output } = this;
    output.close('interested');
    const answer: unknown = this.definition.interested!(event, sequence);
    if (answer === undefined || (typeof answer === 'object' && answer !== null)) refuseAnswer(answer, sequence);
    output.open();
    return Boolean(answer);
  }
}

function refuseAnswer(answer: unknown, sequence: number): never {
  const what = answer === undefined ? 'undefined (a `return` is missing?)' : 'an object or a promise';
  throw new MillraceError(
    'BAD_MODULE',
    `\`interested\` answered about sequence ${sequence} with ${what}: it has to say true or false at once`,
    { sequence },
  );
}
