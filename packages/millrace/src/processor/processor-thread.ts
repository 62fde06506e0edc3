/** The thread half of a processor; its main half is processor-host.ts. Loaded by the thread pool; holds no logic. */
import { threadMain } from '../thread/thread-main.ts';
import type { ThreadResult, ThreadTask } from '../thread/messages.ts';
import { processorLife } from './processor-life.ts';

export default (task: ThreadTask): Promise<ThreadResult> => threadMain(task, (port) => processorLife(task, port));
