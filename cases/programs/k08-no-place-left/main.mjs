/**
 * Errors of the rings come as Millrace's own: places that are all taken, a producer that was closed, a reader that was read. And an
 * item of a batch is asked for by an index.
 *
 * @stdout ^NO_PLACE_LEFT NO_PLACE_LEFT NO_PLACE_LEFT FLOW_ENDED NO_RESULTS RangeError\n$
 */
import { attachProducer, attachReader, i32, pipeline, toRing } from 'millrace';

const refusal = (call) => {
  try {
    call();
  } catch (error) {
    return error.code ?? error.name;
  }
  return 'taken';
};
const flow = await pipeline({ source: i32, producers: 1 })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
  .write(toRing({ readers: 2, codec: i32 }))
  .start();
const codes = [];
const producer = attachProducer(flow.producer(), i32);
codes.push(refusal(() => attachProducer(flow.producer(), i32)));
const results = flow.results();
const reader = attachReader(flow.reader());
codes.push(
  refusal(() => flow.results()),
  refusal(() => attachReader(flow.reader())),
);
producer.tryPublish(1);
producer.close();
codes.push(refusal(() => producer.tryPublish(2)));
await flow.settled();
for (const _ of reader) break;
codes.push(refusal(() => [...reader]));
const { value: batch } = await results.batches().next();
for (const index of [Number.NaN, undefined, 0.5, '0', 1, -1]) {
  const code = refusal(() => batch.at(index));
  if (!codes.includes(code) || code === 'taken') codes.push(code);
}
await flow.stop();
console.log(codes.join(' '));
