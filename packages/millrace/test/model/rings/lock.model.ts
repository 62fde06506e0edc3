import { claim, model, type Options, own } from '@millrace/interleave';
import { Lock } from 'native-free-rings';
import { allocate, viewI32 } from '#atomics';
import { expect } from '../support/attached.ts';

/** Lock: one holder at a time (its plain counter is not raced for, and is his alone), every contender gets it, nobody sleeps on for ever. */
function setup() {
  const words = viewI32(allocate(8));
  own(words, 1, claim(words, 0, { contended: [2] }));
  return words;
}
type Shared = ReturnType<typeof setup>;

type Contender = (lock: Lock, inside: () => void) => void | Promise<void>;

const blocking: Contender = (lock, inside) => {
  lock.acquire();
  inside();
  lock.release();
};
const trying: Contender = (lock, inside) => {
  if (!lock.tryAcquire()) return;
  inside();
  lock.release();
};
const onEventLoop: Contender = async (lock, inside) => {
  await lock.acquireAsync();
  inside();
  lock.release();
};
const twice: Contender = (lock, inside) => {
  void blocking(lock, inside);
  void blocking(lock, inside);
};

function contenders(name: string, list: readonly Contender[], least: number, options?: Options, long?: Options) {
  return model<Shared>({
    name,
    setup,
    threads: list.map((contend) => (words: Shared) => {
      let got = 0;
      const inside = () => {
        words[1] = words[1]! + 1;
        got++;
      };
      const done = contend(new Lock(words, 0), inside);
      return done === undefined ? got : done.then(() => got);
    }),
    after(words, { results }) {
      const got = Object.values(results).reduce((sum: number, each) => sum + (each as number), 0);
      expect(words[1] === got, `${words[1]} were counted inside, ${got} were there`);
      expect(got >= least, `${got} got the lock`);
      expect(words[0] === 0, 'the lock is left held');
    },
    options,
    long,
  });
}

export const locks = [
  contenders('lock: two that block', [blocking, blocking], 2),
  contenders('lock: two that block, twice', [twice, twice], 4, { preemptions: 3 }, { preemptions: undefined }),
  contenders('lock: three that block', [blocking, blocking, blocking], 3, { preemptions: 2 }, { preemptions: 4 }),
  contenders('lock: one blocks, one tries', [blocking, trying], 1),
  contenders('lock: one blocks, one waits on its event loop', [blocking, onEventLoop], 2),
];
