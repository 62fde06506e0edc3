/**
 * `flow.publish(event).then(() => flow.drain())` in the background needs no handler beside a loop in try/catch, also where it publishes one
 * event, which is in the ring at once.
 *
 * @modes threads inline
 * @stdout ^told once: mine\n$
 */
import { i32, pipeline, toRing } from 'millrace';
import { mode } from '../../support/case.mjs';

const flow = await pipeline({ source: i32 })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
  .write(toRing())
  .start({ mode });
flow.publish(1).then(() => flow.drain());
try {
  for await (const _ of flow.results());
} catch (error) {
  console.log(`told once: ${error.cause.message}`);
}
