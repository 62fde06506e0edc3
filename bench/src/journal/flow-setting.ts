import { f64, struct, u32 } from 'millrace';
import type { JournalSetting } from './setting.ts';

export interface FlowSetting {
  readonly durability: JournalSetting['durability'];
  /** Each flush to the disk takes so much longer. */
  readonly slowerFlushMs: number;
}

/** Flows into a journal, by the names of their cases. */
export const FLOWS: Readonly<Record<string, FlowSetting>> = {
  always: { durability: 'always', slowerFlushMs: 0 },
  batch: { durability: 'batch', slowerFlushMs: 0 },
  'batch-20ms': { durability: 'batch', slowerFlushMs: 20 },
  none: { durability: 'none', slowerFlushMs: 0 },
};

/** Events in the source ring, hence sequences that are published and not yet acknowledged, at most. */
export const OUTSTANDING = 65_536;

export const FlowEvent = struct({ n: u32, price: f64 });

/** One round of one case. */
export interface FlowRound {
  readonly name: string;
  readonly sequences: number;
  /** From the first publish to the end of `drain`. */
  readonly ms: number;
  /** Processor time of all threads in it. */
  readonly cpuMs: number;
  /** Flushes that were made slower. */
  readonly slowFlushes: number;
}
