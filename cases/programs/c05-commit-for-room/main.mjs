/**
 * A store that commits rarely does so when a processor has no room for its next item, also where threads spin and never sleep.
 *
 * @limit 30
 * @stdout ^40 items\n$
 */
import { pipeline, u32 } from 'millrace';

const flow = await pipeline({ source: u32, capacity: 64, wait: 'spin' })
  .process(new URL('./uneven.mjs', import.meta.url), { threads: 1, laneBytes: 1_024 })
  .write(new URL('./store.mjs', import.meta.url), { commitMs: 3_600_000 })
  .start();
await flow.publish(1);
await flow.drain();
console.log(`${flow.stats().items} items`);
