/**
 * A producer whose handle is revoked while it publishes a stream that is silent is told so, and its place is free.
 *
 * @stdout ^HANDLE_REVOKED, and then 2\n$
 */
import { attachProducer, i32, pipeline } from 'millrace';
import { rejection, until } from '../../support/case.mjs';

const items = [];
const flow = await pipeline({ source: i32, producers: 1 })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
  .write((batch) => void items.push(...batch))
  .start();
const handle = flow.producer();
const publishing = attachProducer(handle, i32).publishAll(
  (async function* () {
    yield 1;
    await new Promise(() => {});
  })(),
);
await until(() => items.length === 1);
flow.revoke(handle);
const { code } = await rejection(publishing);
attachProducer(flow.producer(), i32).tryPublish(2);
await flow.drain();
console.log(`${code}, and then ${items.at(-1)}`);
