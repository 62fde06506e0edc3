import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Folders that a command fills. */
export const GENERATED: ReadonlySet<string> = new Set([
  'node_modules',
  'dist',
  'reports',
  'coverage',
  'results',
  'out',
  '.git',
  '.turbo',
]);

/** Every file of the repository that somebody wrote, as a path from its root. */
export function writtenFiles(folder: string = root): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return GENERATED.has(entry.name) ? [] : writtenFiles(path);
    return entry.isFile() ? [relative(root, path)] : [];
  });
}

export const sources: string[] = writtenFiles().filter((path) => /(^|\/)src\/.*\.c?ts$/.test(path));

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
