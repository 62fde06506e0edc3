/** The thread half of the writer; its main half is writer-host.ts. Loaded by the thread pool; holds no logic. */
import { threadMain } from '../thread/thread-main.ts';
import type { ThreadResult, ThreadTask } from '../thread/messages.ts';
import { writerLife } from './writer-life.ts';

export default (task: ThreadTask): Promise<ThreadResult> => threadMain(task, (port) => writerLife(task, port));
