import type { StartOptions } from './contender.ts';

/** What the measuring process asks of a contender's process. */
export type Request =
  /** Load the contender `name` of the registry module and start it. */
  | {
      readonly type: 'start';
      readonly id: number;
      readonly registry: string;
      readonly name: string;
      readonly options: StartOptions;
    }
  /** Run one round and answer with its result. */
  | { readonly type: 'round'; readonly id: number; readonly setting: unknown }
  /** Do nothing for a while, and answer with the processor time that this took. */
  | { readonly type: 'idle'; readonly id: number; readonly ms: number }
  /** Stop the contender; the process then ends by itself, or it has left a handle open. */
  | { readonly type: 'stop'; readonly id: number };

/** One for each request. */
export type Response =
  | { readonly type: 'done'; readonly id: number; readonly result: unknown; readonly cost: ProcessCost }
  | { readonly type: 'failed'; readonly id: number; readonly message: string };

/** What a request cost the contender's process. */
export interface ProcessCost {
  readonly wallMs: number;
  /** User and system time of all its threads. */
  readonly cpuMs: number;
  /** Peak since the process began. */
  readonly peakRssBytes: number;
}
