/** The thread half of a processor; its main half is HostedThread in flow/hosted-thread.ts. Loaded by flow/pool-entry.cts; holds no logic. */

import type { ThreadResult, ThreadTask } from '../thread/messages.ts';
import { threadMain } from '../thread/thread-main.ts';
import { processorLife } from './processor-life.ts';

export default (task: ThreadTask): Promise<ThreadResult> => threadMain(task, (port) => processorLife(task, port));
