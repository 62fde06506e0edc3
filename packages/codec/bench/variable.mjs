/**
 * What text, bytes and values cost per operation when warm. Every value is verified after the timing.
 * Run after a build: `node packages/codec/bench/variable.mjs`.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { bytes, text, value } from '../dist/index.js';
import { sharedMemory } from './memory.mjs';

const memory = sharedMemory(1 << 16);
const tick = { symbol: 7, price: 101.5, size: 300, at: 1700000000.25 };
const order = { id: 'ORD-1234', lines: [tick, tick, tick], note: 'Zürich, as agreed', open: true };
const cases = [
  ['text(16), ASCII', text(16), 'XETR-0815'],
  ['text(16), not ASCII', text(16), 'Zürich'],
  ['bytes, 16', bytes(), new Uint8Array(16)],
  ['bytes, 1024', bytes(), new Uint8Array(1024)],
  ['value, a tick', value(), tick],
  ['value, an order', value(), order],
  ['value, a Map (rich)', value(), new Map([['tick', tick]])],
];

function time(operation) {
  const rounds = 20_000;
  let best = Infinity;
  for (let sample = 0; sample < 10; sample++) {
    const start = process.hrtime.bigint();
    for (let round = 0; round < rounds; round++) operation();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / rounds);
  }
  return best.toFixed(0).padStart(6);
}

console.log(`node ${process.version}, best of 10, ns per operation`);
for (const [name, codec, input] of cases) {
  const fixed = codec.kind === 'fixed';
  const write = fixed ? () => codec.write(memory, 8, input) : () => codec.write(memory, 8, 4096, input);
  const length = write() ?? codec.size;
  const read = () => codec.read(memory, 8, length);
  console.log(`${name.padEnd(22)} write ${time(write)}   read ${time(read)}   ${length} bytes`);
  deepStrictEqual(read(), input);
}
