import { i32, processor } from 'millrace';

let poison = -1;

export default processor({
  input: i32,
  output: i32,
  init({ data }) {
    poison = data;
  },
  process(n, output) {
    if (n === poison) process.exit(1);
    output.emit(n);
  },
});
