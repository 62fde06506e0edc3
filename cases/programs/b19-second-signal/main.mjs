/**
 * The user's second signal does not wait for the deadline: both flows are stopped, report what is left, and the process ends
 * by the first signal.
 *
 * @modes threads inline
 * @signal SIGINT
 * @stdout ^forced true\nforced true\n$
 * @limit 60
 */
import { i32, pipeline, shutdownOn } from 'millrace';
import { mode, until } from '../../support/case.mjs';

const flows = [];
for (let i = 0; i < 2; i++) {
  const flow = await pipeline({ source: i32, graceMs: 20 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write(() => new Promise(() => {}))
    .start({ mode });
  await flow.publish([1, 2, 3]);
  shutdownOn(flow, { deadlineMs: Number.POSITIVE_INFINITY, onReport: ({ forced }) => console.log(`forced ${forced}`) });
  flows.push(flow);
}
process.kill(process.pid, 'SIGINT');
await until(() => flows.every((flow) => flow.state === 'draining'));
process.kill(process.pid, 'SIGTERM');
