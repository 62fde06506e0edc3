/**
 * Where the entry files of the threads are: beside this package's own files. A bundler that moves them sets
 * `threadFiles.directory` to the folder (a URL that ends with a slash) to which it copied `millrace/dist/`.
 */
export const threadFiles: { directory: URL } = { directory: new URL('../', import.meta.url) };

const FILES = { 'control-plane-thread': '.', 'pool-entry': '.c' } as const;

// The sources are .ts and what is shipped is .js; the entry files have this file's own ending.
const LANGUAGE = import.meta.url.slice(import.meta.url.lastIndexOf('.') + 1);

export const threadFile = (name: keyof typeof FILES): URL =>
  new URL(`flow/${name}${FILES[name]}${LANGUAGE}`, threadFiles.directory);
