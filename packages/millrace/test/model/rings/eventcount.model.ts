import { joinThread, label, model, type Options, own } from '@millrace/interleave';
import { adaptive, EventCount, park, spin, type WaitStrategy, waitUntil, waitUntilAsync } from 'native-free-rings';
import { allocate, load, store, viewI32 } from '#atomics';
import { attached, expect } from '../support/attached.ts';
import { ownEventcount } from '../support/owners.ts';

/**
 * Eventcount: no wake-up is lost (time-outs are off: a lost one is a deadlock), a waker makes a system call only for a
 * sleeper, and whoever wakes up is awake for all to see.
 */
const CAUSE = 3;
const OTHER_CAUSE = 4;
const FIRST = 0;
const SECOND = 1;
const SLEEPER = 2;
const SLEEPER_TWO = 4;

/** Who writes the words on which somebody waits. The sleepers are the same in all models but one. */
interface Writers {
  readonly first: string;
  readonly second?: string;
  readonly sleepers?: readonly [string, string];
}

const setup = (writers: Writers) => () => setupFor(writers);

function setupFor({ first, second, sleepers: [one, two] = ['sleeper', 'sleeper'] }: Writers) {
  const words = viewI32(allocate(32));
  label(words, FIRST, 'first');
  label(words, SECOND, 'second');
  label(words, SLEEPER, 'state');
  label(words, SLEEPER + 1, 'wanted');
  own(words, FIRST, first);
  own(words, SECOND, second ?? []);
  ownEventcount(words, SLEEPER, one);
  ownEventcount(words, SLEEPER_TWO, two);
  const handle = (at: number) => attached(new EventCount(words, at));
  return { words, sleeper: handle(SLEEPER), sleeperTwo: handle(SLEEPER_TWO) };
}
type Shared = ReturnType<typeof setupFor>;

const waker = (words: Shared['words'], at = SLEEPER): EventCount => new EventCount(words, at);

function advance({ words }: Shared, word: number, values: readonly number[], cause = CAUSE): number {
  let woke = 0;
  for (const value of values) {
    store(words, word, value);
    if (waker(words).wake(cause, value)) woke++;
  }
  return woke;
}

function sleepUntil({ words, sleeper }: Shared, word: number, value: number, strategy = park()): void {
  waitUntil(() => load(words, word) >= value, strategy, sleeper(), CAUSE, value);
}

function isAwake({ words }: Shared): void {
  expect(waker(words).loadCause() === 0, 'the sleeper went on and still says that it sleeps');
}

function oneWaker(name: string, strategy: () => WaitStrategy, options?: Options) {
  return model<Shared>({
    name,
    setup: setup({ first: 'waker' }),
    threads: {
      sleeper: (shared) => sleepUntil(shared, FIRST, 2, strategy()),
      waker: (shared) => advance(shared, FIRST, [1, 2]),
    },
    after(shared, { results }) {
      isAwake(shared);
      expect((results.waker as number) <= 1, 'a wake-up for progress that the sleeper did not want');
    },
    options,
  });
}

export const eventcounts = [
  oneWaker('eventcount: park', park),
  oneWaker('eventcount: spin', spin),
  oneWaker('eventcount: adaptive', () => adaptive({ threads: 1, cores: 2 })),
  oneWaker('eventcount: adaptive on busy cores', () => adaptive({ threads: 3, cores: 2 })),
  oneWaker('eventcount: spurious wake-ups', park, { spuriousWakes: 2 }),

  model<Shared>({
    name: 'eventcount: two wakers, and a late notify at the next sleep',
    setup: setup({ first: 'first', second: 'second' }),
    threads: {
      sleeper(shared) {
        sleepUntil(shared, FIRST, 1);
        sleepUntil(shared, SECOND, 1);
        sleepUntil(shared, FIRST, 2);
      },
      first: (shared) => advance(shared, FIRST, [1, 2]),
      second: (shared) => advance(shared, SECOND, [1]),
    },
    after: isAwake,
  }),

  model<Shared>({
    name: 'eventcount: other causes and unwanted progress wake nobody',
    setup: setup({ first: 'waker', second: 'stranger' }),
    threads: {
      sleeper: (shared) => sleepUntil(shared, FIRST, 2),
      waker: (shared) => advance(shared, FIRST, [1, 2]),
      stranger: (shared) => advance(shared, SECOND, [5], OTHER_CAUSE),
    },
    after: (_, { results }) => expect(results.stranger === 0, 'woken for a cause it does not sleep for'),
  }),

  model<Shared>({
    name: 'eventcount: wakeFor, one waker by name and then any',
    setup: setup({ first: 'named0', second: 'named1' }),
    threads: {
      sleeper({ words, sleeper }) {
        const own = sleeper();
        waitUntil(() => load(words, SECOND) >= 1, park(), own, CAUSE, 1);
        waitUntil(() => load(words, FIRST) >= 1, park(), own, CAUSE, -1);
      },
      named0({ words }) {
        store(words, FIRST, 1);
        waker(words).wakeFor(CAUSE, 0);
      },
      named1({ words }) {
        store(words, SECOND, 1);
        waker(words).wakeFor(CAUSE, 1);
      },
    },
    after: isAwake,
  }),

  model<Shared>({
    name: 'eventcount: wakeAny against wake',
    setup: setup({ first: 'waker', second: 'stopper' }),
    threads: {
      sleeper({ words, sleeper }) {
        const look = () => load(words, FIRST) >= 2 || load(words, SECOND) === 1;
        waitUntil(look, park(), sleeper(), CAUSE, 2);
      },
      waker: (shared) => advance(shared, FIRST, [1]),
      stopper({ words }) {
        store(words, SECOND, 1);
        waker(words).wakeAny();
      },
    },
    after: isAwake,
  }),

  model<Shared>({
    name: 'eventcount: a sleep with a time-out, then one without',
    setup: setup({ first: 'waker' }),
    threads: {
      sleeper(shared) {
        const { words } = shared;
        const own = shared.sleeper();
        const armed = own.arm(CAUSE, 1);
        if (load(words, FIRST) >= 1) own.disarm(armed);
        else own.sleep(armed, 1);
        expect(own.loadCause() === 0, 'after a sleep the cause is still set');
        waitUntil(() => load(words, FIRST) >= 2, park(), own, CAUSE, 2);
      },
      waker: (shared) => advance(shared, FIRST, [1, 2]),
    },
    after: isAwake,
    options: { timeouts: true },
  }),

  model<Shared>({
    name: 'eventcount: asleep on an event loop',
    setup: setup({ first: 'first', second: 'second' }),
    threads: {
      async sleeper({ words, sleeper }) {
        const own = sleeper();
        await waitUntilAsync(() => load(words, FIRST) >= 1, own, CAUSE, 1);
        await waitUntilAsync(() => load(words, SECOND) >= 1, own, OTHER_CAUSE, 1);
      },
      first: (shared) => advance(shared, FIRST, [1]),
      second: (shared) => advance(shared, SECOND, [1], OTHER_CAUSE),
    },
    after: isAwake,
  }),

  model<Shared>({
    name: 'eventcount: two threads wake each other in turn',
    setup: setup({ first: 'ping', second: 'pong', sleepers: ['ping', 'pong'] }),
    threads: {
      ping({ words, sleeper }) {
        const own = sleeper();
        for (let round = 1; round <= 2; round++) {
          store(words, FIRST, round);
          waker(words, SLEEPER_TWO).wake(CAUSE, round);
          waitUntil(() => load(words, SECOND) >= round, park(), own, CAUSE, round);
        }
      },
      pong({ words, sleeperTwo }) {
        const own = sleeperTwo();
        for (let round = 1; round <= 2; round++) {
          waitUntil(() => load(words, FIRST) >= round, park(), own, CAUSE, round);
          store(words, SECOND, round);
          waker(words).wake(CAUSE, round);
        }
      },
    },
  }),

  model<Shared>({
    name: 'eventcount: a waker dies in the middle of its wake-up, and the host says stop',
    setup: setup({ first: 'waker', second: 'host' }),
    threads: {
      sleeper({ words, sleeper }) {
        waitUntil(() => load(words, FIRST) >= 1 || load(words, SECOND) === 1, park(), sleeper(), CAUSE, 1);
      },
      waker: (shared) => advance(shared, FIRST, [1]),
      host({ words }) {
        joinThread('waker');
        store(words, SECOND, 1);
        waker(words).wakeAny();
      },
    },
    options: { deaths: { threads: ['waker'] } },
  }),
];
