import { i32, processor } from 'millrace';

function process(n, output) {
  output.emit(n);
  if (n % 2 === 1) output.sequence++;
}

export const sync = processor({ input: i32, output: i32, process });
export const late = processor({
  input: i32,
  output: i32,
  async process(n, output) {
    await null;
    process(n, output);
  },
});
