/**
 * A signal comes for two flows, of which one takes longer: both are drained in full, both have reported, also where that takes
 * a while, and then the process ends by the signal.
 *
 * @modes threads inline
 * @signal SIGTERM
 * @stdout ^quick: 100 published, 0 left\nslow: 100 published, 0 left\n$
 * @stderr ^$
 */
import { setTimeout } from 'node:timers/promises';
import { i32, pipeline, shutdownOn } from 'millrace';
import { mode } from '../../support/case.mjs';

for (const [name, ms] of Object.entries({ quick: 0, slow: 10 })) {
  const flow = await pipeline({ source: i32 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write(async () => void (await setTimeout(ms)))
    .start({ mode });
  await flow.publish(Array.from({ length: 100 }, (_, i) => i));
  shutdownOn(flow, {
    signals: ['SIGTERM'],
    async onReport({ published, left }) {
      await setTimeout(50);
      console.log(`${name}: ${published} published, ${left} left`);
    },
  });
}
process.kill(process.pid, 'SIGTERM');
