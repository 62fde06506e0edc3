/**
 * Millrace, form A: bare sequences in, a writer module on a thread of its own which folds. One flow serves all rounds. The user's
 * code is in one of two styles: `emit` and `at`, item by item, or `claim` and segments, by loops over typed arrays.
 */
import { type Flow, type FlowStats, pipeline, sequences } from 'millrace';
import {
  type OrderedContender,
  type OrderedResult,
  type OrderedSetting,
  type RunningContender,
  timed,
} from '../harness/contender.ts';
import type { Work } from '../workloads/kernel.ts';
import { beginRound, CHECKSUM, type FlowData, ITEMS, roundMemory } from './round-memory.ts';

interface Modules {
  readonly processors: Readonly<Partial<Record<Work['kind'], URL>>>;
  readonly writer: URL;
}

const EMITTING = {
  w1: new URL('./w1-processor.js', import.meta.url),
  w3: new URL('./w3-processor.js', import.meta.url),
};

const STYLES = {
  emit: { processors: EMITTING, writer: new URL('./folding-writer.js', import.meta.url) },
  /** Whose writer has a `warmUp` of its own. */
  'emit-warmed': { processors: EMITTING, writer: new URL('./warmed-folding-writer.js', import.meta.url) },
  claim: {
    processors: {
      w1: new URL('./w1-claim-processor.js', import.meta.url),
      w3: new URL('./w3-claim-processor.js', import.meta.url),
    },
    writer: new URL('./segment-folding-writer.js', import.meta.url),
  },
} satisfies Readonly<Record<string, Modules>>;

export type Style = keyof typeof STYLES;

interface Manner {
  /** Default `emit`. */
  readonly style?: Style;
  readonly warmUp?: number;
  readonly nice?: number;
}

function openFlow(
  { work, events }: OrderedSetting,
  round: FlowData['round'],
  threads: number,
  { style = 'emit', warmUp = 0, nice = 0 }: Manner,
): Promise<Flow<never, never>> {
  const { processors, writer }: Modules = STYLES[style];
  const processorModule = processors[work.kind];
  if (!processorModule) throw new Error(`no processor of form A for ${work.kind}`);
  const data: FlowData = {
    round,
    K: work.kind === 'w1' ? work.K : 0,
    hugeItems: work.kind === 'w3' ? work.hugeItems : 0,
  };
  return pipeline({ source: sequences() })
    .process(processorModule, { threads, data, nice, warmUp: Math.min(warmUp, events) })
    .write(writer, { data })
    .start();
}

/** One round over a flow of bare sequences whose writer folds into `round`; the flow's sequences begin at `base`. */
export function foldedRound(
  flow: Flow<never, never>,
  round: Int32Array,
  base: number,
  events: number,
): Promise<OrderedResult> {
  beginRound(round, base);
  return timed(async () => {
    await flow.advance(events);
    await flow.settled();
    return { checksum: round[CHECKSUM] >>> 0, items: round[ITEMS] };
  });
}

export interface FlowRounds extends RunningContender<OrderedSetting, OrderedResult> {
  /** What the flow has counted; undefined before the first round. */
  stats(): FlowStats | undefined;
}

/** A flow has one workload for life, and the first round is the first to say which. */
export function flowRounds(threads: number, manner: Manner = {}): FlowRounds {
  const round = roundMemory();
  let flow: Flow<never, never> | undefined;
  let base = 0;
  return {
    async round(setting) {
      flow ??= await openFlow(setting, round, threads, manner);
      base += setting.events;
      return foldedRound(flow, round, base - setting.events, setting.events);
    },
    stats: () => flow?.stats(),
    stop: async () => flow?.drain(),
  };
}

const flowIn = (name: string, manner: Manner): OrderedContender => ({
  name,
  start: async ({ threads }) => flowRounds(threads, manner),
});

/** Enough for the compiler to have done with the processor. */
const WARM_UP_SEQUENCES = 50_000;

export const emit: OrderedContender = flowIn('millrace', {});
export const claim: OrderedContender = flowIn('millrace-claim', { style: 'claim' });
export const warmed: OrderedContender = flowIn('millrace-warmed', {
  style: 'emit-warmed',
  warmUp: WARM_UP_SEQUENCES,
});
export const nice: OrderedContender = flowIn('millrace-nice', { nice: 5 });
