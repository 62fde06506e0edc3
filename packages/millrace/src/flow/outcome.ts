import { MillraceError } from '../thread/errors.ts';
import { type Teller, ToldPromise } from './told-promise.ts';

/**
 * What a flow went down of, and whether somebody knows. A failure is *taken* when code of the user's is given it: by an
 * `error` listener, by a handler of a promise that rejects with it, by a loop that throws it. One that nobody takes is thrown,
 * as any EventEmitter's `error`: when the flow is down, no call is pending and no loop is in the middle. A loop in the middle is
 * told at its next step; where that never comes, the failure is thrown when the process has nothing else to do.
 */
export class Outcome implements Teller {
  private failure: { readonly error: unknown } | undefined;
  private isTaken = false;
  private isDown = false;
  /** Calls that are pending, and loops in the middle: each will be told. */
  private pending = 0;
  private readonly throwIt: (error: unknown) => void;
  /** What a call returns that was done at once. */
  readonly resolved: Promise<void> = ToldPromise.resolved(this);

  /** `throwIt` emits the event `error` of a flow to which nobody listens. */
  constructor(throwIt: (error: unknown) => void) {
    this.throwIt = throwIt;
  }

  get hasFailed(): boolean {
    return this.failure !== undefined;
  }

  fail(error: unknown): void {
    this.failure = { error };
  }

  /** What it failed of, for who is about to give it to the user. */
  get error(): unknown {
    return this.failure?.error;
  }

  /** Throws what the flow failed of into code of the user's; returns where it has not failed. */
  rethrow(): void {
    if (this.failure === undefined) return;
    this.isTaken = true;
    throw this.failure.error;
  }

  /** Throws what nobody has taken. */
  rethrowUntaken(): void {
    if (!this.isTaken) this.rethrow();
  }

  told(reason: unknown): void {
    if (this.failure !== undefined && this.failure.error === reason) this.isTaken = true;
  }

  /** The last reader has left: the user is done with this flow, whatever becomes of it. */
  giveUp(): void {
    this.isTaken = true;
  }

  /** Who stopped a flow knows that calls to it end, and a failure is told once. */
  isEndOfFlow(reason: unknown): boolean {
    if (this.failure !== undefined) return reason === this.failure.error;
    return reason instanceof MillraceError && reason.code === 'FLOW_STOPPED';
  }

  /** What to throw where a call found the flow going down: what it went down of. */
  reasonFor(error: unknown): unknown {
    const isDownOf = error instanceof MillraceError && (error.code === 'FLOW_STOPPED' || error.code === 'FLOW_ENDED');
    return isDownOf && this.failure !== undefined ? this.failure.error : error;
  }

  /** The promise of a call, as the user gets it. */
  watch<T>(call: Promise<T>): Promise<T> {
    this.expect();
    const done = (): void => this.done();
    call.then(done, done);
    return ToldPromise.of(call, this);
  }

  /** A loop has begun, which will be told. */
  expect(): void {
    this.pending++;
  }

  /** It has ended. */
  done(): void {
    this.pending--;
    if (this.isDown) this.decide();
  }

  /** Every thread of the flow has ended, and its listeners have been told. */
  down(): void {
    this.isDown = true;
    this.decide();
  }

  private decide(): void {
    unthrown.delete(this);
    if (this.failure === undefined || this.isTaken) return;
    // Handlers run before this does. A listener that throws is the process's affair.
    if (this.pending === 0) setImmediate(() => this.throwUntaken());
    else throwAtEnd(this);
  }

  /** @internal */
  throwUntaken(): void {
    unthrown.delete(this);
    if (this.isTaken) return;
    this.isTaken = true;
    this.throwIt(this.error);
  }
}

/** Flows of the process that have failed, of which only a loop in the middle may still be told. */
const unthrown = new Set<Outcome>();
let isWaitingForExit = false;

function throwAtEnd(outcome: Outcome): void {
  unthrown.add(outcome);
  if (isWaitingForExit) return;
  isWaitingForExit = true;
  process.once('beforeExit', () => {
    isWaitingForExit = false;
    // Each by itself: the first may be survived.
    for (const each of unthrown) setImmediate(() => each.throwUntaken());
  });
}
