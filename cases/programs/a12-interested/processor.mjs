import { i32, processor } from 'millrace';

let kept;
export const emits = processor({
  input: i32,
  output: i32,
  interested(n) {
    if (n === 2) kept.emit(1_000);
    if (n === 4) throw new Error('mine');
    return n % 2 === 0;
  },
  process(n, output) {
    kept = output;
    output.emit(n);
  },
});

export const promises = processor({
  input: i32,
  output: i32,
  interested: async () => true,
  process: (n, output) => output.emit(n),
});

export const forgets = processor({
  input: i32,
  output: i32,
  interested(n) {
    void (n % 2 === 0);
  },
  process: (n, output) => output.emit(n),
});
