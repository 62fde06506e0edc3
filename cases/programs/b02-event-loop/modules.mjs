/** Processors and a writer that leave work to the event loop of their thread. `data.words` counts what came of it. */
import { i32, processor, writer } from 'millrace';

let words = new Int32Array(1);
const init = ({ data }) => {
  words = new Int32Array(data.words);
};
const count = (word) => Atomics.add(words, word, 1);

/** A timer, an unreferenced one, and a promise that nobody waits for. */
const leaveWork = () => {
  setInterval(() => count(0), 5);
  setInterval(() => count(1), 5).unref();
};
const computeFor = (ms) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

export const synchronous = processor({
  input: i32,
  output: i32,
  init(context) {
    init(context);
    leaveWork();
  },
  process(n, output) {
    void Promise.resolve().then(() => count(2));
    computeFor(0.2);
    output.emit(n);
  },
});

/** Its promises are all settled: a chain of microtasks that never comes to a timer by itself. */
export const microtasks = processor({
  input: i32,
  output: i32,
  init(context) {
    init(context);
    leaveWork();
  },
  async process(n, output) {
    await null;
    void Promise.resolve().then(() => count(2));
    computeFor(0.2);
    output.emit(n);
  },
});

export const plain = processor({
  input: i32,
  output: i32,
  process(n, output) {
    output.emit(n);
  },
});

export const slowWriter = writer({
  input: i32,
  batches: 'sequence',
  init(context) {
    init(context);
    leaveWork();
  },
  write() {
    void Promise.resolve().then(() => count(2));
    computeFor(0.2);
  },
});
