/** What a duty cycle waits for when it has nothing to do: a cause of causes.ts, and the progress that is worth a wake-up. */
export interface Waiting {
  cause: number;
  wanted: number;
  /** Look again after this time even if nobody wakes us. Undefined: never. */
  timeoutMs: number | undefined;
  /** The cause that is shown to whoever asks, where that is another one. */
  shown?: number | undefined;
}

/**
 * One role's work, apart from the thread that runs it and from the way it waits. Tests drive `doWork` by hand; the inline
 * mode runs all roles on one thread.
 */
export interface DutyCycle {
  readonly roleName: string;
  /** Set for good when there is nothing left to do. */
  readonly done: boolean;
  /** Code of the user's has returned a promise: the thread waits through its event loop from then on. */
  readonly isAsync?: boolean;
  /** Valid after `doWork` returned 0. */
  readonly waiting: Waiting;
  /** Does what can be done now. 0: nothing; then `waiting` says for what it waits. */
  doWork(): number | Promise<number>;
  /** True when `doWork` may have something to do. Cheap, and changes nothing. */
  isReady(): boolean;
}
