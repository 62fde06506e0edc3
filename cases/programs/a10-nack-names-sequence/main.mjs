/**
 * A Nack whose options are wrong fails the flow with the sequence and the thread.
 *
 * @modes threads inline
 * @stdout ^BAD_OPTIONS 0 writer\n$
 */
import { i32, Nack, pipeline } from 'millrace';
import { mode, rejection } from '../../support/case.mjs';

const flow = await pipeline({ source: i32 })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
  .write(() => {
    throw new Nack('busy', { item: -1 });
  })
  .start({ mode });
flow.publish([1]).catch(() => {});
const { code, sequence, thread } = await rejection(flow.ended);
console.log(code, sequence, thread);
