/**
 * An error that crosses threads keeps what can be carried; what cannot is named.
 *
 * @stdout ^price, size, E_INVALID, .*f\(\) \{\}.*, \[getter threw: not now\], 422\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline } from 'millrace';
import { rejection } from '../../support/case.mjs';

const flow = await pipeline({ source: i32 })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
  .write(() => {})
  .start();
await flow.publish(1);
const { cause } = await rejection(flow.drain());
assert.equal(cause.constructor.name, 'ValidationError');
assert.ok(cause.errors.price instanceof RangeError);
assert.equal(cause.errors.price.limit, 5);
assert.ok(cause.cause instanceof AggregateError);
const { options, response } = cause;
console.log([Object.keys(cause.errors).join(', '), cause.code, options.retry, cause.lazy, response.status].join(', '));
