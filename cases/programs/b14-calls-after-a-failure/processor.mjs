import { i32, processor } from 'millrace';

export default processor({
  input: i32,
  output: i32,
  process(n, output) {
    if (n < 0) throw new Error('mine');
    output.emit(n);
  },
});
