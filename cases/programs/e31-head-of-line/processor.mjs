import { i32, processor } from 'millrace';

let words;
let sequence = 0n;

/** Notes where it is. Of an event below 0: waits to be let go; 0: emits nothing; others: computes for so many milliseconds. */
export default processor({
  input: i32,
  output: i32,
  init({ data }) {
    words = new BigInt64Array(data);
    sequence = 0n;
  },
  process(event, output) {
    const began = performance.now();
    Atomics.store(words, 3, Atomics.load(words, 1));
    Atomics.store(words, 1, BigInt(Math.round(performance.timeOrigin + began)));
    Atomics.store(words, 0, sequence++);
    if (event < 0) while (Atomics.load(words, 2) < 0n && !output.aborted);
    else if (event > 1) while (performance.now() - began < event);
    if (event !== 0) output.emit(event);
  },
});
