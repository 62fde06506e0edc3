import { i32, processor } from 'millrace';

let words;

export default processor({
  input: i32,
  output: i32,
  init({ data }) {
    words = new Int32Array(data);
    process.env.OF_THE_PROCESSOR = 'here';
  },
  process: (_, output) => output.emit(process.env.OF_THE_CASE.length),
  async dispose() {
    await null;
    Atomics.add(words, 0, 1);
  },
});
