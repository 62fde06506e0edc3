/**
 * In the inline mode one event emits more than a lane holds, into a store whose commit takes longer than `commitMs`. The store
 * commits when the event has no room, and so gives it some.
 *
 * @modes inline
 * @stdout ^28 items\n$
 */
import { pipeline, u32 } from 'millrace';
import { mode } from '../../support/case.mjs';

const modules = new URL('./modules.mjs', import.meta.url);
const flow = await pipeline({ source: u32 })
  .process(modules, { threads: 1 })
  .write(modules, { export: 'store' })
  .start({ mode });
await flow.publish(1);
await flow.drain();
console.log(`${flow.stats().items} items`);
