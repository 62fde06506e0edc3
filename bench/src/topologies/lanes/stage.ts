import type { RoundResult } from '../actor.ts';
import type { TopologySetting } from '../messages.ts';
import type { LaneIn, LaneOut } from './link.ts';

/** A stage over lanes: a duty cycle that blocks its thread for a round. */
export interface LaneStage {
  begin(setting: TopologySetting): void;
  /** Does what can be done, and says whether that was anything. */
  doWork(): boolean;
  /** The round is over for this stage. */
  readonly done: boolean;
  /** What `doWork` lacked was room in a lane. */
  readonly lacksRoom: boolean;
  /** Sleeps no longer than this. */
  readonly timeoutMs?: number;
  /** Of the last stage. */
  result?(): RoundResult;
}

export interface LaneStageContext {
  readonly inputs: readonly LaneIn[];
  readonly outputs: readonly LaneOut[];
}
