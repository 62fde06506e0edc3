import { register } from 'node:module';
import type { Patch } from './module-hooks.ts';

/** With these a Node process runs code under test on the checker's atomics. */
export const NODE_FLAGS: readonly string[] = ['--conditions=interleave'];

export function hasCondition(): boolean {
  const flags = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)];
  return flags.some(
    (flag, i) =>
      /^(--conditions=|-C=?)interleave$/.test(flag) ||
      (/^(--conditions|-C)$/.test(flag) && flags[i + 1] === 'interleave'),
  );
}

/** Lets this process import TypeScript, and one module with a patch in its source. */
export function registerHooks(patch: Patch | null): void {
  process.setSourceMapsEnabled(true);
  register('./module-hooks.js', import.meta.url, { data: { patch } });
}
