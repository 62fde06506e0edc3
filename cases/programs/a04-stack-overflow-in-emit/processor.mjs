import { i32, processor, struct, text, value } from 'millrace';

export const GOOD_ITEMS = 50;
export const BAD_ITEMS = 30_000;
export const isBad = (n) => n % 4 === 2;

/** Emits one item at each call, as deep as the stack goes: the overflow comes somewhere in `emit`, or before it. */
function emitDeep(output, n, make, padding) {
  const emit = (i) => {
    if (i === BAD_ITEMS) return 0;
    output.emit(make(n, i));
    return emit(i + 1) + 1;
  };
  // So that the stack ends elsewhere each time.
  const pad = (left) => (left === 0 ? emit(0) : pad(left - 1) + 1);
  pad(padding);
}

const emitAll = (output, n, make) => {
  const items = isBad(n) ? BAD_ITEMS : GOOD_ITEMS;
  for (let i = 0; i < items; i++) output.emit(make(n, i));
};

let seed = 1;
const chance = (below) => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
  return seed % below;
};

const number = (n, i) => n * 100_000 + i;
const object = (n, i) => ({ n: number(n, i), text: 'some text' });
const define = (output, make, process) =>
  processor({ input: i32, output, process: (n, out) => (isBad(n) ? process(n, out, make) : emitAll(out, n, make)) });
const fails = (n, output, make) => emitDeep(output, n, make, chance(40));

export const numbers = define(i32, number, fails);
/** Each fills a record of its own. */
export const structs = define(struct({ n: i32, text: text(60) }), object, fails);
export const values = define(value(), object, fails);

/** Catches what it threw, and says nothing: only where nothing was lost it may do so. */
export const swallows = define(i32, number, (n, output, make) => {
  try {
    fails(n, output, make);
  } catch {
    emitAll(output, n, (_, i) => -1 - i);
  }
});

const tries = new Map();
export const retried = define(i32, number, (n, output, make) => {
  const attempt = (tries.get(n) ?? 0) + 1;
  tries.set(n, attempt);
  if (attempt > 6) emitAll(output, n, make);
  else fails(n, output, make);
});
