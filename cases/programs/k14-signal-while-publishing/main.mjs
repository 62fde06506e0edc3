/**
 * A signal that comes while a loop publishes drains the flow: all that was published is delivered, `close` is called, the report comes, and
 * the process ends by the signal. The loop, which handles nothing, does not end it before.
 *
 * @modes threads inline
 * @signal SIGTERM
 * @stdout ^closed\nnothing is left, and all of it is there\n$
 */
import { i32, pipeline, shutdownOn } from 'millrace';
import { mode } from '../../support/case.mjs';

let items = 0;
const flow = await pipeline({ source: i32, capacity: 64 })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
  .write(
    async (batch) => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      items += batch.length;
    },
    { close: () => console.log('closed') },
  )
  .start({ mode });
shutdownOn(flow, {
  onReport({ left, forced, published }) {
    if (left === 0 && !forced && published === items) console.log('nothing is left, and all of it is there');
  },
});
for (let n = 0; ; n++) {
  await flow.publish(n);
  if (n === 200) process.kill(process.pid, 'SIGTERM');
}
