/**
 * Millrace as one more topology: processors take tickets from a log which the writer follows, items go through a lane for each
 * processor, and nothing else is passed on. Paced rounds send single events from the main thread, as an application would.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Flow, pipeline, sequences } from 'millrace';
import { sharedClock } from '../harness/clock.ts';
import { type FlowRounds, flowRounds, type Style } from '../millrace/form-a.ts';
import { beginRound, CHECKSUM, ITEMS, roundMemory } from '../millrace/round-memory.ts';
import { atomicsSoFar, type TopologyContender, type TopologyResult } from './index.ts';
import type { TopologySetting } from './messages.ts';
import type { TimedFlowData } from './millrace-writer.ts';

const PROCESSOR = new URL('./millrace-processor.js', import.meta.url);
const WRITER = new URL('./millrace-writer.js', import.meta.url);
/** Events of a paced round at most. */
const MOST_PACED = 1 << 16;
/** Beside the processors: writer and coordinator. */
const OTHER_THREADS = 2;

const doubles = (): Float64Array<SharedArrayBuffer> =>
  new Float64Array(new SharedArrayBuffer(MOST_PACED * Float64Array.BYTES_PER_ELEMENT));

type Paced = (setting: TopologySetting) => Promise<Omit<TopologyResult, 'threads' | 'atomics'>>;

function pacedRounds(flow: Flow<never, never>, data: TimedFlowData): Paced {
  const now = sharedClock();
  let base = 0;
  return async ({ events, taskEveryMs }) => {
    if (events > MOST_PACED) throw new RangeError(`a paced round of ${events} events; ${MOST_PACED} at most`);
    const { round } = data;
    beginRound(round, base);
    base += events;
    const begin = performance.now();
    for (let seq = 0; seq < events; seq++) {
      data.sentUs[seq] = now();
      await flow.advance(1);
      await sleep(taskEveryMs);
    }
    await flow.settled();
    return {
      checksum: round[CHECKSUM] >>> 0,
      items: round[ITEMS],
      latenciesUs: Float32Array.from(data.latenciesUs.subarray(0, events)),
      messages: 0,
      ms: performance.now() - begin,
    };
  };
}

const contenderIn = (name: string, style: Style): TopologyContender => ({
  name,
  start: async ({ threads }) => {
    let fast: FlowRounds | undefined;
    let pacedFlow: Flow<never, never> | undefined;
    let paced: Paced | undefined;

    const openPaced = async (): Promise<Paced> => {
      const data: TimedFlowData = {
        round: roundMemory(),
        K: 0,
        hugeItems: 0,
        sentUs: doubles(),
        latenciesUs: doubles(),
      };
      pacedFlow = await pipeline({ source: sequences() })
        .process(PROCESSOR, { threads, data })
        .write(WRITER, { data })
        .start();
      return pacedRounds(pacedFlow, data);
    };

    return {
      async round(setting) {
        const others = { threads: threads + OTHER_THREADS };
        if (setting.taskEveryMs > 0) {
          paced ??= await openPaced();
          return { ...(await paced(setting)), ...others, atomics: 0 };
        }
        fast ??= flowRounds(threads, { style });
        const before = atomicsSoFar();
        const result = await fast.round(setting);
        const latenciesUs = new Float32Array(0);
        return { ...result, ...others, latenciesUs, messages: 0, atomics: atomicsSoFar() - before };
      },
      async stop() {
        await fast?.stop();
        await pacedFlow?.drain();
      },
    };
  },
});

export const emit: TopologyContender = contenderIn('millrace', 'emit');
export const claim: TopologyContender = contenderIn('millrace-claim', 'claim');
