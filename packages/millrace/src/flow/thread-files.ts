/**
 * Where the entry files of the threads are: beside this package's own files. A bundler that moves them sets
 * `threadFiles.directory` to the folder (a URL that ends with a slash) to which it copied `millrace/dist/`.
 */
export const threadFiles: { directory: URL } = { directory: new URL('../', import.meta.url) };

/** The entry files, all in flow/, and what stands before the language in their ending: `c` for CommonJS (.cts, .cjs). */
const ENTRIES = { 'control-plane-thread': '', 'pool-entry': 'c' } as const;

// The sources are .ts and what is shipped is .js: which of them, this file's own ending says.
const LANGUAGE = import.meta.url.slice(import.meta.url.lastIndexOf('.') + 1);

export const threadFile = (name: keyof typeof ENTRIES): URL =>
  new URL(`flow/${name}.${ENTRIES[name]}${LANGUAGE}`, threadFiles.directory);
