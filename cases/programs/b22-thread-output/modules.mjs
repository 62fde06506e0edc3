import { i32, processor, writer } from 'millrace';

let words;

export default processor({
  input: i32,
  output: i32,
  init({ data }) {
    words = new Int32Array(data);
  },
  process(n, output) {
    if (n === 0) {
      console.log('at once');
      console.log('while it blocks');
      console.error('a processor warns');
      Atomics.wait(words, 1, 0);
    }
    if (n === 1) {
      for (let i = 0; i < 400; i++) console.log(`line ${i} ${'x'.repeat(1_000)}`);
      console.log('400 long lines');
    }
    if (n === 2 && Atomics.add(words, 0, 1) === 0) {
      process.stdout.write('before a death\n');
      process.exit(1);
    }
    output.emit(n);
  },
});

export const store = writer({
  input: i32,
  write() {},
  close: () => console.log('last words of the writer'),
});
