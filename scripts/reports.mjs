/** Where the packages leave the reports of their gates. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of the workspace's packages that hold reports, relative to the root, each with the names of its reports. */
export function reportsOf(root) {
  const packages = ['native-free-rings', 'bench', 'cases', 'chaos', 'docs/examples', 'tooling'];
  for (const name of readdirSync(join(root, 'packages'))) packages.push(`packages/${name}`);
  return packages
    .map((folder) => ({ folder, path: join(root, folder, 'reports') }))
    .filter(({ path }) => existsSync(path))
    .map(({ folder, path }) => ({ folder, path, files: readdirSync(path).filter((name) => name.endsWith('.json')) }));
}
