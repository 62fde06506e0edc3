import { i32, processor, value } from 'millrace';

export const itemsOf = (n) =>
  Array.from({ length: 1 + (n % 6) }, (_, i) => ({ n, i, text: 'x'.repeat((n * 37 + i * 53) % 120) }));

export default processor({
  input: i32,
  output: value(),
  process(n, output) {
    for (const item of itemsOf(n)) output.emit(item);
    if (n % 3 === 0) throw new Error(`after the items of ${n}`);
  },
});
