import { bytes as bytesOf, i32, processor, struct, value } from 'millrace';

const define = (process, output = i32) => processor({ input: i32, output, process });
const Num = struct({ n: i32 });
const turn = () => new Promise((resolve) => setImmediate(resolve));

// One parameter: what is returned is the item.
export const object = define((n) => ({ n }), Num);
export const text = define((n) => `item ${n}`, value());
export const number = define((n) => n * n);
export const later = define(async (n) => {
  await turn();
  return { n };
}, Num);
export const laterNothing = define(async (n) => (n === 2 ? n : undefined));
export const array = define((n) => [n, 10 * n]);
export const arrayAsItem = define((n) => [[n]], value());
export const iterator = define((n) => new Set([n + 1, n + 2]).values());
export const generator = define(function* (n) {
  yield n;
});
export const lateGenerator = define(async function* (n) {
  await turn();
  yield n;
});
export const bytes = define((n) => new Uint8Array([n]), bytesOf());
export const map = define((n) => new Map([['n', n]]), value());
export const nothing = define((n) => void n);

// Two: items are emitted, and what is returned beside is looked at.
export const ignored = define((n, output) => {
  if (n > 1) return n > 1 && output.emit(n);
  output.emit(n);
  return null;
});
export const besideArray = define((n, output) => {
  output.emit(n);
  return [10 * n];
});
export const besideGenerator = define(function* (n, _output) {
  yield n;
});
export const besideLater = define(async (n, output) => {
  await turn();
  output.emit(n);
  return true;
});
export const besideObject = define((n, _output) => ({ n }), Num);
export const besideText = define((n, _output) => String(n), value());
export const besideLaterObject = define(async (n, _output) => ({ n }), Num);
export const besideBytes = define((n, _output) => new Uint8Array([n]), bytesOf());
export const withoutOutput = define((n, _output) => ({ n }), value());

export const badItem = define((n) => ({ m: n }), Num);
export const nullItem = define(() => null, Num);
export const emptyIsNoItem = define(() => '', i32);
