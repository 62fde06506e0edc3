/**
 * A processor that changes its event is told so, and a retry gets the event as it was published.
 *
 * @modes threads inline
 * @stdout ^READ_ONLY\n1 retries, 2 items, right\n$
 */
import assert from 'node:assert/strict';
import { pipeline } from 'millrace';
import { mode, rejection } from '../../support/case.mjs';
import { Order } from './order.mjs';

const start = (name, got = []) =>
  pipeline({ source: Order })
    .process(new URL('./order.mjs', import.meta.url), {
      threads: 1,
      export: name,
      onError: { attempts: 1, delayMs: 0 },
    })
    .write((batch) => void got.push(...batch))
    .start({ mode });

const careless = await start('careless');
await careless.publish({ price: 5, size: 1 });
const error = await rejection(careless.drain());
assert.match(error.message, /field price cannot be assigned: events and items are read-only/);
console.log(error.cause.code);

const got = [];
const careful = await start('careful', got);
await careful.publish([
  { price: 5, size: 1 },
  { price: 6, size: 2 },
]);
await careful.drain();
assert.deepEqual(got, [
  { price: 10, size: 1 },
  { price: 12, size: 2 },
]);
console.log(`${careful.stats().retries} retries, ${got.length} items, right`);
