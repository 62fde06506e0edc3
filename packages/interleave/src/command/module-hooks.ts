import { promises as files } from 'node:fs';
import nodeModule, { createRequire, type LoadHook } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A change to the source of one module. */
export interface Patch {
  /** The module whose path ends with this. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A patched module counts itself here when it runs, so that a mutant that was never loaded is noticed. */
export const LOADED = 'interleave.patched-modules';

let patch: Patch | null = null;

export function initialize(data: { patch: Patch | null }): void {
  patch = data.patch;
}

export const load: LoadHook = async (url, context, nextLoad) => {
  if (!url.startsWith('file:')) return nextLoad(url, context);
  const path = url.split('?')[0];
  const patched = patch !== null && path.endsWith(`/${patch.file.replace(/^\//, '')}`);
  const typed = /\.m?ts$/.test(path) && !path.includes('/node_modules/');
  if (!patched && !typed) return nextLoad(url, context);
  const text = await files.readFile(fileURLToPath(path), 'utf8');
  const changed = patched ? applyPatch(text, patch!) : text;
  const source = typed ? await withoutTypes(changed, fileURLToPath(path)) : changed;
  return { format: 'module', source, shortCircuit: true };
};

/** Replaces the one place that matches; white space matches any white space, since compilers change it. */
function applyPatch(source: string, { file, find, replace }: Patch): string {
  const words = find.trim().split(/\s+/);
  const pattern = new RegExp(words.map((word) => word.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')).join('\\s+'), 'g');
  const matches = [...source.matchAll(pattern)];
  if (matches.length !== 1) {
    throw new Error(`mutant does not apply: its text is found ${matches.length} times in ${file}, not once`);
  }
  const [{ 0: found, index }] = matches;
  const count = `;{const k=Symbol.for('${LOADED}');globalThis[k]=(globalThis[k]??0)+1;}\n`;
  return `${source.slice(0, index)}${replace}${source.slice(index + found.length)}\n${count}`;
}

type Strip = (source: string) => string;
type Transform = (source: string, path: string, options: object) => Promise<{ code: string; map: unknown }>;

/** Node strips types by itself from 22.13 on; before, vitest's compiler does, where the file's project has vitest. */
async function withoutTypes(source: string, path: string): Promise<string> {
  const { stripTypeScriptTypes } = nodeModule as unknown as { stripTypeScriptTypes?: Strip };
  if (stripTypeScriptTypes !== undefined) return stripTypeScriptTypes(source);
  const transform = await vitestTransform(path);
  const { code, map } = await transform(source, path, { sourcemap: true, target: 'es2022' });
  const inline = Buffer.from(JSON.stringify(map)).toString('base64');
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${inline}\n`;
}

async function vitestTransform(path: string): Promise<Transform> {
  try {
    const vitest = createRequire(path).resolve('vitest/package.json');
    const vite = createRequire(vitest).resolve('vite');
    const { transformWithOxc } = (await import(pathToFileURL(vite).href)) as { transformWithOxc: Transform };
    return transformWithOxc;
  } catch (cause) {
    throw new Error(
      `Node ${process.version} cannot read TypeScript (${path}): compile it, install vitest, or use Node 22.18`,
      {
        cause,
      },
    );
  }
}
