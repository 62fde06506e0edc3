/**
 * `write` of a function may use the flow that `await start()` gives: it is not called before that.
 *
 * @modes threads inline
 * @stdout ^it has the flow\n$
 */
import { pipeline, sequences } from 'millrace';
import { mode } from '../../support/case.mjs';

let seen;
const flow = await pipeline({ source: sequences(1) })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
  .write(() => {
    seen = flow;
  })
  .start({ mode });
await flow.ended;
console.log(seen === flow ? 'it has the flow' : 'it has none');
