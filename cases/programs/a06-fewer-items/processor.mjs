import { i32, processor } from 'millrace';

let attempts = 0;
let again = 0;

export default processor({
  input: i32,
  output: i32,
  init({ data }) {
    again = data.again;
    attempts = 0;
  },
  process(n, output) {
    const count = n !== 1 ? 1 : attempts++ === 0 ? 20_000 : again;
    for (let i = 0; i < count; i++) output.emit(n * 1_000_000 + i);
    if (count === 20_000) throw new Error('the first attempt');
  },
});
