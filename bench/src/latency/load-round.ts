import type { LatencySetting } from './setting.ts';

export interface LoadRound {
  readonly setting: LatencySetting;
  readonly startUs: number;
}

/** From the command to the first scheduled arrival, so that every thread is awake. */
export const LEAD_US = 20_000;
