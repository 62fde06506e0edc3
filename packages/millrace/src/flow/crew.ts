import type { DeadLetter } from '../thread/failure-policy.ts';
import type { FlowPlan } from '../thread/plan.ts';
import type { LoadedCodecs } from './memory-plan.ts';
import type { RestartDetails } from './restart-limit.ts';

/** What a crew tells its flow while it runs. */
export interface CrewHooks {
  /** A thread died, and another one is to take its place. Called before the pause that this takes. */
  restarting(thread: string, cause: unknown, details: RestartDetails): void;
  /** The pause is over. */
  restarted(): void;
  /** An event or items are given up; resolves when the letter is safe. */
  deadLetter(letter: DeadLetter): Promise<void>;
}

/**
 * Everything of a flow that runs: on threads (thread-crew.ts), or all on this one (inline-crew.ts). The flow tells it when
 * to begin, and is told how each part ended.
 */
export interface Crew {
  /** Loads the user's modules. */
  load(): Promise<LoadedCodecs>;
  /** Attaches everything to the memory and runs the `init`s and the warm-up. */
  prepare(plan: FlowPlan): Promise<void>;
  /** Begins; called in the async context of `start`, in which a writer function then runs. `writer` resolves when everything is delivered; `all` when every part has ended. They reject on the first error. */
  run(hooks: CrewHooks): { readonly writer: Promise<void>; readonly all: Promise<void> };
  /** There may be something to do: events, room, the end. Only the inline crew needs to be told. */
  kick(): void;
  /** Ends a thread at whatever instruction it is, as a fault would: for tests of what follows. */
  kill(thread: string): Promise<void>;
  /** Waits for every part to end by itself, `graceMs` at most, then ends what is left. Idempotent. */
  end(graceMs: number): Promise<void>;
}
