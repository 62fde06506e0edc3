/**
 * A program in a bundle: with `millrace` left out of it there is nothing to set; with Millrace in it, `piscina` is left out, and
 * `threadFiles.directory` says where the installed package has its files. The bundle may end in `.mjs`.
 *
 * @stdout ^left out: 500 500\ntaken in: 500 500\n$
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const millrace = fileURLToPath(new URL('../', import.meta.resolve('millrace')));
const folder = mkdtempSync(join(tmpdir(), 'millrace-bundle-'));
try {
  // As in a project where both are installed.
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(millrace, join(folder, 'node_modules/millrace'));
  symlinkSync(realpathSync(join(millrace, 'node_modules/piscina')), join(folder, 'node_modules/piscina'));
  await bundled('left out', ['millrace'], '');
  await bundled('taken in', ['piscina'], pathToFileURL(join(millrace, 'dist/')).href);
} finally {
  rmSync(folder, { recursive: true });
}

async function bundled(name, external, directory) {
  const dir = join(folder, name);
  for (const entry of ['program', 'processor', 'writer']) {
    const input = fileURLToPath(new URL(`./${entry}.mjs`, import.meta.url));
    const bundle = await rolldown({ input, external, platform: 'node' });
    await bundle.write({ dir, format: 'esm', entryFileNames: '[name].mjs', codeSplitting: false });
    await bundle.close();
  }
  const env = { ...process.env, DIRECTORY: directory };
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(dir, 'program.mjs')], { env, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  console.log(`${name}: ${stdout.trim()}`);
}
