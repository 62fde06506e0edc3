import { i32, i64, processor, u8 } from 'millrace';

const url = new URL(import.meta.url).searchParams;
const codes = new Set();

function tried(call) {
  try {
    call();
    codes.add('taken');
  } catch (error) {
    codes.add(error.code ?? error.name);
  }
}

export default processor({
  output: { i32, u8, i64 }[url.get('codec')],
  process(_, output) {
    for (const n of [0, -1, 0.5, Number.NaN, '3', 3n, Symbol('3'), {}, null, undefined, true]) {
      tried(() => output.claim(n));
      const room = output.claim(1);
      if (n !== 0) tried(() => output.commit(n));
      output.items[output.begin] = url.get('codec') === 'i64' ? 1n : 1;
      output.commit(room);
    }
    console.log(url.get('codec'), ...codes);
  },
});
