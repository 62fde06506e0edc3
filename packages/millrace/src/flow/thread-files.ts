/**
 * Where the entry files of the threads are: beside this package's own files. A bundle that takes Millrace in leaves `piscina`
 * out (esbuild: `--external:piscina`) and sets `threadFiles.directory` to the folder `dist` of the installed package, as a URL that
 * ends with a slash. A bundle that leaves `millrace` out has nothing to set.
 */
export const threadFiles: { directory: URL } = { directory: new URL('../', import.meta.url) };

/** The entry files, all in flow/, and what stands before the language in their ending: `c` for CommonJS (.cts, .cjs). */
const ENTRIES = { 'control-plane-thread': '', 'pool-entry': 'c' } as const;

// The sources are .ts and what is shipped is .js: which of them, this file's own ending says. (A bundle may have any other.)
const LANGUAGE = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

export const threadFile = (name: keyof typeof ENTRIES): URL =>
  new URL(`flow/${name}.${ENTRIES[name]}${LANGUAGE}`, threadFiles.directory);
