import { i32, processor } from 'millrace';

/** An event n has n items. */
export default processor({
  input: i32,
  output: i32,
  process(n, output) {
    for (let i = 0; i < n; i++) output.emit(i);
  },
});
