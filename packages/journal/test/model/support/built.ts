/** The built code of the journal, with stand-ins for the file system and for what tells who lives, and with one mistake if wanted. */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PAGE_BYTES } from '../../../src/format/page.ts';
import type { Owner } from '../../../src/store/owner.ts';
import { COMMIT_BYTES } from './actor.ts';
import { modelFs } from './model-fs.ts';
import { worldOnStage } from './world.ts';

export interface Mutant {
  /** What is broken, in words. */
  readonly name: string;
  /** A file of `dist`. */
  readonly file: string;
  /** Text that occurs exactly once in it. */
  readonly find: string;
  readonly replace: string;
  /** Scenarios that may reject it; one has to. */
  readonly scenarios: readonly string[];
}

export interface Built {
  readonly store: typeof import('../../../src/store/store.ts');
  readonly folder: typeof import('../../../src/store/folder.ts');
  readonly look: typeof import('../../../src/format/look.ts');
}

const PACKAGE = fileURLToPath(new URL('../../..', import.meta.url));
const STAND_INS = Symbol.for('millrace.journal.model');

const standIns = {
  fs: modelFs,
  beginsAgain: () => worldOnStage().current.beginsAgain(),
  looks: <T>(looking: T) => worldOnStage().current.looks(looking),
  sees: <T>(sight: T) => worldOnStage().current.sees(sight),
  clears: (unfinished: readonly string[]) => worldOnStage().current.clears(unfinished),
  nextId: () => worldOnStage().nextId(),
  isAlive: (owner: Owner) => worldOnStage().isAlive(owner),
  boot: () => worldOnStage().boot,
};
(globalThis as { [key: symbol]: unknown })[STAND_INS] = standIns;

const MODEL = `globalThis[Symbol.for('${STAND_INS.description}')]`;
const FS = `export default ${MODEL}.fs;`;
const CRYPTO = `export const randomUUID = ${MODEL}.nextId;`;
const OWNER = `
export const isAlive = ${MODEL}.isAlive;
export const bootId = ${MODEL}.boot;
export const isSameBoot = (a, b) => a === b;
export const isSameThread = (a, b) => a.pid === b.pid;`;

/** Segments of two commits, in place of millions of bytes; and words of what a process need not know any more (see `World`). */
const EDITS: readonly (readonly [file: string, find: string, replace: string])[] = [
  ['store/store.js', 'MOST_SEGMENT_BYTES = 32 * 1024 * 1024', `MOST_SEGMENT_BYTES = ${PAGE_BYTES + 2 * COMMIT_BYTES}`],
  ['store/store.js', 'LEAST_SEGMENT_BYTES = 2 * PAGE_BYTES', 'LEAST_SEGMENT_BYTES = 4100'],
  ['store/store.js', 'WORTH_LEAVING_BYTES = 64 * 1024', 'WORTH_LEAVING_BYTES = 4100'],
  [
    'store/folder.js',
    '(await folder.names()).filter(isTemporary)',
    `${MODEL}.clears((await folder.names()).filter(isTemporary))`,
  ],
  ['store/claim.js', 'for (;;) {', `for (;;) { ${MODEL}.beginsAgain();`],
  ['store/claim.js', 'const looking = look(dir);', `const looking = ${MODEL}.looks(look(dir));`],
  ['store/claim.js', 'return step.value;', `return ${MODEL}.sees(step.value);`],
];

/** Loads a copy of its own. */
export async function loadBuilt(mutant?: Mutant): Promise<Built> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'millrace-model-'));
  try {
    fs.cpSync(join(PACKAGE, 'dist'), join(folder, 'dist'), { recursive: true });
    fs.copyFileSync(join(PACKAGE, 'package.json'), join(folder, 'package.json'));
    fs.symlinkSync(join(PACKAGE, 'node_modules'), join(folder, 'node_modules'));
    const changes = mutant === undefined ? EDITS : [...EDITS, [mutant.file, mutant.find, mutant.replace] as const];
    for (const [file, find, replace] of changes) edit(join(folder, 'dist', file), find, replace);
    for (const [name, text] of [
      ['fs', FS],
      ['crypto', CRYPTO],
      ['owner', OWNER],
    ] as const)
      fs.writeFileSync(join(folder, 'dist', `model-${name}.js`), text);
    for (const path of ['store/folder', 'store/claim', 'format/look', 'format/chunk-scan', 'format/names'])
      redirect(join(folder, 'dist', `${path}.js`));
    const load = (path: string) => import(/* @vite-ignore */ pathToFileURL(join(folder, 'dist', path)).href);
    return {
      store: (await load('store/store.js')) as Built['store'],
      folder: (await load('store/folder.js')) as Built['folder'],
      look: (await load('format/look.js')) as Built['look'],
    };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function edit(path: string, find: string, replace: string): void {
  const parts = fs.readFileSync(path, 'utf8').split(find);
  if (parts.length !== 2) throw new Error(`${path} has ${parts.length - 1} times, not once: ${find}`);
  fs.writeFileSync(path, parts.join(replace));
}

/** To the stand-ins. */
function redirect(path: string): void {
  const text = fs
    .readFileSync(path, 'utf8')
    .replace("'node:fs'", "'../model-fs.js'")
    .replace("'node:crypto'", "'../model-crypto.js'")
    .replace(/'[./]+(store\/)?owner\.js'/, "'../model-owner.js'");
  fs.writeFileSync(path, text);
}
