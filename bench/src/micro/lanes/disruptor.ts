/** The Disruptor's one-to-one test, events of 8 bytes: see bench/java/OneToOneMain.java. */
import type { Contender } from '../../harness/contender.ts';
import { JavaProgram } from '../../rivals/java.ts';
import type { PairResult } from '../pair.ts';
import { type LaneSetting, wordsOf } from './setting.ts';

export const DISRUPTOR_BYTES = 8;

const withWaitStrategy = (wait: 'busy-spin' | 'yielding'): Contender<LaneSetting, PairResult<undefined, number>> => ({
  name: `disruptor-${wait}`,
  start: async () => {
    const program = await JavaProgram.start('OneToOneMain', [wait]);
    return {
      async round(setting) {
        const [sum, ns] = await program.ask(`${setting.records} ${setting.publishEvery}`);
        return { a: undefined, b: Number(BigInt.asIntN(32, BigInt(sum) * BigInt(wordsOf(setting)))), ms: ns / 1e6 };
      },
      stop: () => program.stop(),
    };
  },
});

export const busySpin: Contender<LaneSetting, PairResult<undefined, number>> = withWaitStrategy('busy-spin');
export const yielding: Contender<LaneSetting, PairResult<undefined, number>> = withWaitStrategy('yielding');
