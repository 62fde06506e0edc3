/**
 * An error in a timer of a processor, and a rejection that nobody handles, fail the flow at once, with thread and cause.
 *
 * @stdout ^timer: PROCESSOR_FAILED, processor 0, lost\nrejection: PROCESSOR_FAILED, processor 0, lost\n$
 */
import { i32, pipeline } from 'millrace';
import { rejection } from '../../support/case.mjs';

for (const how of ['timer', 'rejection']) {
  const flow = await pipeline({ source: i32 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1, data: how })
    .write(() => {})
    .start();
  await flow.publish([1, 2, 3]);
  const error = await rejection(flow.ended);
  console.log(`${how}: ${error.code}, ${error.thread}, ${error.cause.message}`);
}
