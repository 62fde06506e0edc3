/**
 * A module that a compiler made CommonJS of (`exports.default = …`, `__esModule`) is loaded as the module that it was.
 *
 * @modes threads inline
 * @stdout ^3 items\n$
 */
import { pipeline } from 'millrace';
import { mode } from '../../support/case.mjs';
import compiled from './compiled.cjs';

const url = new URL('./compiled.cjs', import.meta.url);
const flow = await pipeline({ source: compiled.Num })
  .process(url, { threads: 1 })
  .write(url, { export: 'store' })
  .start({ mode });
await flow.publish([{ n: 1 }, { n: 2 }, { n: 3 }]);
await flow.drain();
console.log(`${flow.stats().items} items`);
