/**
 * An item that the lane takes and the destination ring does not is refused by `emit`, with what to give: a dead letter, where the flow
 * asks for that.
 *
 * @modes threads inline
 * @stdout ^2 items; ITEM_TOO_LARGE, give toRing dataBytes 524288\n$
 */
import { i32, pipeline, toRing } from 'millrace';
import { collect, mode } from '../../support/case.mjs';

const letters = [];
const flow = await pipeline({ source: i32, deadLetters: (letter) => void letters.push(letter) })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 1, onError: 'dead-letter' })
  .write(toRing())
  .start({ mode });
const reading = collect(flow.results());
await flow.publish([1, 200_000, 2]);
await flow.drain();
const { code, message } = letters[0].cause;
console.log(`${(await reading).length} items; ${code}, ${/give toRing dataBytes \d+/.exec(message)}`);
