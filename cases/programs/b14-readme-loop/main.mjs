/**
 * The loop of the README in a try/catch, and a processor that throws: the error is caught once, and the process goes on and
 * ends by itself.
 *
 * @modes threads inline
 * @stdout ^\[PROCESSOR_FAILED\] processor 0 failed on sequence 3: on purpose\n$
 * @stderr ^$
 */
import { i32, pipeline, toRing } from 'millrace';
import { mode } from '../../support/case.mjs';

function* events() {
  for (let i = 0; i < 10_000; i++) yield i;
}

try {
  const flow = await pipeline({ source: i32, capacity: 64 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write(toRing({ capacity: 64 }))
    .start({ mode });
  try {
    const published = flow.publish(events()).then(() => flow.drain());
    for await (const _ of flow.results()) await new Promise((resolve) => setTimeout(resolve, 2));
    await published;
  } finally {
    await flow[Symbol.asyncDispose]();
  }
} catch (error) {
  console.log(error.message);
}
