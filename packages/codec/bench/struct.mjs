/**
 * What a struct costs per operation when warm: generated code, interpreted code, and hand-written stores and loads without
 * any check as the floor. Every run is verified by a sum. Run after a build: `node packages/codec/bench/struct.mjs`.
 */
import { f64, struct, u32 } from '../dist/index.js';
import { structOf } from '../dist/struct.js';
import { sharedMemory } from './memory.mjs';

const ROWS = 1024;
const ROUNDS = 4000;
const memory = sharedMemory(ROWS * 32);

const Tick = struct({ symbol: u32, price: f64, size: u32, at: f64 });
const floor = {
  write({ u32, f64 }, o, value) {
    u32[o >> 2] = value.symbol;
    f64[(o + 8) >> 3] = value.price;
    u32[(o + 16) >> 2] = value.size;
    f64[(o + 24) >> 3] = value.at;
  },
  read({ u32, f64 }, o) {
    return { symbol: u32[o >> 2], price: f64[(o + 8) >> 3], size: u32[(o + 16) >> 2], at: f64[(o + 24) >> 3] };
  },
};
const contenders = { floor, generated: Tick, interpreted: structOf(Tick.schema, 'interpreted') };

/** One function per contender and operation, so that each call site sees one codec, as in a processor thread. */
const LOOPS = {
  write: `let tick = { symbol: 0, price: 0.5, size: 7, at: 1.5 };
    for (let i = 0; i < rows; i++) { tick.symbol = i; tick.price = i + 0.5; codec.write(memory, i * 32, tick); }
    return rows;`,
  'write fresh': `for (let i = 0; i < rows; i++) codec.write(memory, i * 32, { symbol: i, price: i + 0.5, size: 7, at: 1.5 });
    return rows;`,
  read: `let sum = 0;
    for (let i = 0; i < rows; i++) { const t = codec.read(memory, i * 32); sum += t.symbol + t.price + t.size + t.at; }
    return sum;`,
  view: `let sum = 0;
    for (let i = 0; i < rows; i++) { const t = view.moveTo(i * 32); sum += t.symbol + t.price + t.size + t.at; }
    return sum;`,
};
const expectedSum = ROWS * (ROWS - 1) + ROWS * (0.5 + 7 + 1.5);

function time(codec, operation) {
  const view = operation === 'view' ? codec.view(memory) : undefined;
  const loop = new Function('codec', 'view', 'memory', 'rows', LOOPS[operation]);
  let best = Infinity;
  for (let sample = 0; sample < 7; sample++) {
    const start = process.hrtime.bigint();
    let result = 0;
    for (let round = 0; round < ROUNDS; round++) result = loop(codec, view, memory, ROWS);
    best = Math.min(best, Number(process.hrtime.bigint() - start) / (ROUNDS * ROWS));
    if (result !== (operation.startsWith('write') ? ROWS : expectedSum))
      throw new Error(`${operation}: wrong sum ${result}`);
  }
  return best;
}

console.log(
  `node ${process.version}, ${ROWS} rows of { u32, f64, u32, f64 } in a SharedArrayBuffer, best of 7, ns per struct`,
);
for (const operation of Object.keys(LOOPS)) {
  const figures = Object.entries(contenders)
    .filter(([, codec]) => operation !== 'view' || codec.view)
    .map(([name, codec]) => `${name} ${time(codec, operation).toFixed(2)}`);
  console.log(`${operation.padEnd(12)} ${figures.join('   ')}`);
}
