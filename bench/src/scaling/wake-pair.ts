/** What it costs to wake a thread, and to move a cache line: two threads that hand one word to and fro. */
import type { PairProgram } from '../micro/pair.ts';

export interface WakeSetting {
  readonly trips: number;
}

/** Of side a: its trips in microseconds, and the time within each call that woke side b. */
export interface WakeResult {
  readonly tripsUs: Float32Array;
  readonly callsUs: Float32Array;
}

export type WakeProgram = PairProgram<WakeSetting, WakeResult, undefined>;

const WORD = 0;
const allocate: WakeProgram['allocate'] = () => {
  const words = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  return { a: words, b: words };
};

/** Side a asks by an odd number and waits for the even one after it. `restores` the word, so that rounds can follow. */
function ask(words: Int32Array, trips: number, await_: (words: Int32Array, value: number) => void): WakeResult {
  const tripsUs = new Float32Array(trips);
  const callsUs = new Float32Array(trips);
  for (let i = 0; i < trips; i++) {
    const begin = performance.now();
    Atomics.add(words, WORD, 1);
    Atomics.notify(words, WORD);
    callsUs[i] = (performance.now() - begin) * 1e3;
    await_(words, 2 * i + 2);
    tripsUs[i] = (performance.now() - begin) * 1e3;
  }
  Atomics.store(words, WORD, 0);
  return { tripsUs, callsUs };
}

const sleepFor = (words: Int32Array, value: number): void => {
  for (let seen = Atomics.load(words, WORD); seen !== value; seen = Atomics.load(words, WORD)) {
    Atomics.wait(words, WORD, seen);
  }
};

const spinFor = (words: Int32Array, value: number): void => {
  while (Atomics.load(words, WORD) !== value);
};

const answerBy =
  (waitFor: (words: Int32Array, value: number) => void): WakeProgram['b'] =>
  (words: Int32Array) =>
  ({ trips }) => {
    for (let i = 0; i < trips; i++) {
      waitFor(words, 2 * i + 1);
      Atomics.add(words, WORD, 1);
      Atomics.notify(words, WORD);
    }
    return undefined;
  };

const askBy =
  (waitFor: (words: Int32Array, value: number) => void): WakeProgram['a'] =>
  (words: Int32Array) =>
  ({ trips }) =>
    ask(words, trips, waitFor);

async function answerOnEventLoop(words: Int32Array<SharedArrayBuffer>, trips: number): Promise<undefined> {
  for (let i = 0; i < trips; i++) {
    for (let seen = Atomics.load(words, WORD); seen !== 2 * i + 1; seen = Atomics.load(words, WORD)) {
      const waiting = Atomics.waitAsync(words, WORD, seen);
      if (waiting.async) await waiting.value;
    }
    Atomics.add(words, WORD, 1);
    Atomics.notify(words, WORD);
  }
  return undefined;
}

/** Both sides block: there and back are two wake-ups as processors and the writer have them. */
export const blocking: WakeProgram = { allocate, a: askBy(sleepFor), b: answerBy(sleepFor) };
/** Side b serves an event loop, as the coordinator does. */
export const eventLoop: WakeProgram = {
  allocate,
  a: askBy(sleepFor),
  b:
    (words: Int32Array<SharedArrayBuffer>) =>
    ({ trips }) =>
      answerOnEventLoop(words, trips),
};
/** Nobody sleeps: there and back move one cache line twice. */
export const line: WakeProgram = { allocate, a: askBy(spinFor), b: answerBy(spinFor) };
