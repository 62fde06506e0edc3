/**
 * What would block a thread for good is refused: `publish` of a producer on the flow's own thread, a worker; and while a `publishAll` of the
 * same producer waits for room.
 *
 * @stdout ^MAIN_THREAD, EVENT_REFUSED, 21 events\n$
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

const worker = new Worker(new URL('./flow.mjs', import.meta.url));
const [text] = await once(worker, 'message');
console.log(text);
