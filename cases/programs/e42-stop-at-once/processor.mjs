import { i32, processor } from 'millrace';

let dies = false;

export default processor({
  input: i32,
  output: i32,
  init({ data }) {
    dies = data === 'dies';
  },
  process(n, output) {
    if (dies) process.exit(1);
    output.emit(n);
  },
});
