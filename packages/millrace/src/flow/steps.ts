/** The calls that a loop over events filled in place makes for each of them. */
export const NEXT = 0;
export const COMMIT = 1;

type Step = (count: number | undefined) => unknown;

/**
 * Calls them by number. So they are not compiled into the user's loop: the engine compiles only so much into one, and the setters
 * of the event have to be (hot path rule 7).
 */
export class Steps {
  private readonly steps: readonly Step[];

  constructor(next: Step, commit: Step) {
    this.steps = [next, commit];
  }

  run(step: typeof NEXT | typeof COMMIT, count?: number): unknown {
    return this.steps[step]!(count);
  }
}
