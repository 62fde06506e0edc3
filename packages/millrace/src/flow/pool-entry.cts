/**
 * What the thread pool loads in a thread. Piscina loads by `require`, and a thread that is terminated in the middle of a
 * `require` of an ES module aborts the whole process, on Node 20 (`v8::Module::IsGraphAsync must be used on an
 * instantiated module`). A CommonJS file that imports the rest is safe.
 */
import type { ThreadResult, ThreadTask } from '../thread/messages.ts' with { 'resolution-mode': 'import' };

type Entry = (task: ThreadTask) => Promise<ThreadResult>;

const entries: { readonly processor: Entry; readonly writer: Entry } = {
  processor: async (task) => (await import('../processor/processor-thread.ts')).default(task),
  writer: async (task) => (await import('../writer/writer-thread.ts')).default(task),
};

module.exports = entries;
