import { claim, joinThread, model, type Options, own } from '@millrace/interleave';
import { Lock } from 'native-free-rings';
import { allocate, load, store, viewI32 } from '#atomics';
import { expect } from '../support/attached.ts';

/** Values of the word while somebody may sleep for it: by its owner's number, nudged or not. */
const CONTENDED = [0, 1, 2, 3].flatMap((owner) => [(owner << 3) | 2, (owner << 3) | 6]);

/** Lock: one holder at a time (its plain counter is not raced for, and is his alone), every contender gets it, nobody sleeps on for ever. */
function setup() {
  const words = viewI32(allocate(8));
  own(words, 1, claim(words, 0, { contended: CONTENDED }));
  return words;
}
type Words = ReturnType<typeof setup>;
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
    threads: list.map((contend, i) => (words: Shared) => {
      let got = 0;
      const lock = new Lock(words, 0, i + 1);
      const inside = () => {
        expect(lock.loadOwner() === i + 1, `the lock of ${i + 1} says that ${lock.loadOwner()} holds it`);
        words[1] = words[1]! + 1;
        got++;
      };
      const done = contend(lock, inside);
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

  model<Words[]>({
    name: 'lock: its holder dies, and whoever waits for it is told to stop',
    setup: () => {
      const [words, flag] = [viewI32(allocate(8)), viewI32(allocate(4))];
      own(words, 1, claim(words, 0, { contended: CONTENDED }));
      own(flag, 0, 'host');
      return [words, flag];
    },
    threads: {
      holder([words]) {
        const lock = new Lock(words!, 0, 1);
        lock.acquire();
        words![1] = 1;
        lock.release();
      },
      blocked([words, flag]) {
        const lock = new Lock(words!, 0, 2);
        const got = lock.acquire(() => load(flag!, 0) === 1);
        if (got) lock.release();
        return got;
      },
      async waiting([words, flag]) {
        const lock = new Lock(words!, 0, 3);
        const got = await lock.acquireAsync(() => load(flag!, 0) === 1);
        if (got) lock.release();
        return got;
      },
      host([words, flag]) {
        if (joinThread('holder') !== 'died') return;
        store(flag!, 0, 1);
        new Lock(words!, 0).wake();
      },
    },
    after([words], { dead }) {
      if (words![0] === 0) return;
      const owner = new Lock(words!, 0).loadOwner();
      expect(dead.length === 1 && owner === 1, `the lock is left held by ${owner}`);
    },
    options: { deaths: { threads: ['holder'] }, preemptions: 2 },
    long: { preemptions: 3 },
  }),
];
