import { i32, processor } from 'millrace';
import { thenables } from './thenables.mjs';

export default processor({
  input: i32,
  output: i32,
  init: () => thenables[0](),
  process(n, output) {
    output.emit(n);
    return thenables[n % thenables.length]();
  },
});
