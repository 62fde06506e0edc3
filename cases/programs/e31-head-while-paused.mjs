/**
 * The head of line of a flow that is paused is a thread that rests, also where nobody has taken an event yet.
 *
 * @modes threads inline
 * @stdout ^processor 0 rests\n$
 */
import { i32, pipeline } from 'millrace';
import { mode, until } from '../support/case.mjs';

const flow = await pipeline({ source: i32 })
  .process(new URL('./00-first-program/processor.mjs', import.meta.url), { threads: 1 })
  .write(() => {})
  .start({ mode });
flow.pause();
await flow.publish([1, 2]);
await until(() => flow.headOfLine().cause === 'paused');
console.log(`${flow.headOfLine().thread} rests`);
await flow.stop();
