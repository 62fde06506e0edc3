/**
 * A stream that is refused at the door is closed: after drain, after stop, after a failure, with an aborted signal, and where
 * the source takes no events; a Node stream, a Web stream, a generator, and whatever else has a `return`.
 *
 * @modes threads inline
 */
import assert from 'node:assert/strict';
import { createReadStream, readdirSync } from 'node:fs';
import { ReadableStream } from 'node:stream/web';
import { i32, pipeline, sequences } from 'millrace';
import { mode, rejection, until } from '../../support/case.mjs';

const start = (source = i32) =>
  pipeline({ source })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write(() => {})
    .start({ mode });

/** Each kind of source, and what tells that it was closed. */
const kinds = {
  'a Node stream': () => {
    const stream = createReadStream(import.meta.filename ?? new URL(import.meta.url).pathname);
    return [stream, () => stream.closed];
  },
  'a Web stream': () => {
    let isCancelled = false;
    const cancel = () => {
      isCancelled = true;
    };
    const stream = new ReadableStream({ cancel });
    return [stream, () => isCancelled];
  },
  'an async iterator': () => {
    let isClosed = false;
    const iterator = {
      [Symbol.asyncIterator]: () => iterator,
      next: () => new Promise(() => {}),
      return: async () => {
        isClosed = true;
      },
    };
    return [iterator, () => isClosed];
  },
  'an iterator': () => {
    let isClosed = false;
    const iterator = {
      [Symbol.iterator]: () => iterator,
      next: () => ({ done: false, value: 1 }),
      return: () => {
        isClosed = true;
        return { done: true };
      },
    };
    return [iterator, () => isClosed];
  },
};
const aborted = AbortSignal.abort(new Error('aborted'));
const doors = {
  drained: async (flow) => void (await flow.drain()),
  stopped: async (flow) => void (await flow.stop()),
  failed: async (flow) => {
    await flow.publish([1]).catch(() => {});
    flow.fail(new Error('of the flow'));
    await rejection(flow.ended);
  },
  aborted: async () => {},
};
const open = () => readdirSync('/proc/self/fd').length;

for (const [door, shut] of Object.entries(doors)) {
  const flow = await start();
  await shut(flow);
  for (const [kind, make] of Object.entries(kinds)) {
    const before = process.platform === 'linux' ? open() : 0;
    const [source, isClosed] = make();
    await rejection(flow.publish(source, door === 'aborted' ? { signal: aborted } : {}));
    await until(isClosed, `${kind}, ${door}`);
    if (process.platform === 'linux') assert.ok(open() <= before, `a descriptor is left: ${kind}, ${door}`);
  }
  await flow.stop();
}
const flow = await pipeline({ source: sequences(1) })
  .process(new URL('./sequences.mjs', import.meta.url), { threads: 1 })
  .write(() => {})
  .start({ mode });
const [source, isClosed] = kinds['a Node stream']();
await rejection(flow.publish(source));
await until(isClosed);
