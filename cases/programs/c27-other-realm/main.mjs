/**
 * Values of another realm (vm, jest, vitest vmThreads) and a URL of another class are taken for what they are.
 *
 * @modes threads inline
 * @stdout ^Date Map Set RegExp Uint8Array Float64Array ArrayBuffer RangeError Array Object\n$
 */
import { runInNewContext } from 'node:vm';
import { pipeline, value } from 'millrace';
import { mode } from '../../support/case.mjs';

/** As that of jsdom, or of another realm. */
class URL {
  constructor(href) {
    this.href = href;
  }
  get [Symbol.toStringTag]() {
    return 'URL';
  }
}

const foreign = runInNewContext(`[
  new Date(5), new Map([[1, new Date(5)]]), new Set([1]), /a/g, new Uint8Array(3), new Float64Array(3), new ArrayBuffer(3),
  new RangeError('there'), [1], { a: 1 },
]`);
const kinds = [];
const flow = await pipeline({ source: value() })
  .process(new URL(import.meta.resolve('./processor.mjs')), { threads: 1 })
  .write((batch) => {
    for (const item of batch) kinds.push(item.constructor.name);
  })
  .start({ mode });
await flow.publish(foreign);
await flow.drain();
console.log(kinds.join(' '));
