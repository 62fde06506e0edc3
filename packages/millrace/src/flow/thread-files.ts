/**
 * Where the entry files of the threads are: beside this package's own files. A bundler that moves them sets
 * `threadFiles.directory` to the folder (a URL that ends with a slash) to which it copied `millrace/dist/`.
 */
export const threadFiles: { directory: URL } = { directory: new URL('../', import.meta.url) };

const FILES = {
  'control-plane-thread': 'flow/control-plane-thread',
  'processor-thread': 'processor/processor-thread',
  'writer-thread': 'writer/writer-thread',
} as const;

// The sources are .ts and what is shipped is .js; the entry files have this file's own ending.
const ENDING = import.meta.url.slice(import.meta.url.lastIndexOf('.'));

export const threadFile = (name: keyof typeof FILES): URL => new URL(FILES[name] + ENDING, threadFiles.directory);
