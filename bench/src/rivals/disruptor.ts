/**
 * The LMAX Disruptor on the same work, in a JVM of its own: see bench/java/OrderedFlow.java. Its ratio is to the Java plain loop,
 * measured beside each round in that JVM.
 */
import type { OrderedContender, OrderedSetting } from '../harness/contender.ts';
import { peakRssBytes } from '../harness/machine.ts';
import { dealt } from './chunks.ts';
import { JavaProgram } from './java.ts';

function workOf({ work }: OrderedSetting): number {
  if (work.kind !== 'w1') throw new Error(`the Java program computes W1 only, not ${work.kind}`);
  return work.K;
}

const withWaitStrategy = (wait: 'blocking' | 'yielding'): OrderedContender => ({
  name: `disruptor-${wait}`,
  start: async ({ threads }) => {
    const program = await JavaProgram.start('OrderedMain', [String(threads), wait]);
    return {
      async round(setting) {
        const { chunkEvents, events } = dealt(setting, threads);
        const answer = await program.ask(`${events} ${workOf(setting)} ${chunkEvents}`);
        const [checksum, items, ms, cpuMs, loopMs, loopCpuMs] = answer;
        return { checksum, items, ms, cpuMs, loopMs, loopCpuMs, peakRssBytes: peakRssBytes(program.pid) };
      },
      stop: () => program.stop(),
    };
  },
});

export const blocking: OrderedContender = withWaitStrategy('blocking');
export const yielding: OrderedContender = withWaitStrategy('yielding');
