import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
// Inside the package, so that 'millrace' resolves to itself, and its types too; and where neither git nor a linter looks.
const reports = fileURLToPath(new URL('../../reports/', import.meta.url));
mkdirSync(reports, { recursive: true });
const folder = mkdtempSync(join(reports, 'readme-'));
afterAll(() => rmSync(folder, { recursive: true }));

const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** The code blocks of a page that begin with `// <file name>`. */
function codeBlocks(page: string): Map<string, string> {
  const blocks = page.matchAll(/```ts\n\/\/ (\S+\.ts)\n([\s\S]*?)```/g);
  return new Map([...blocks].map(([, name, code]) => [name ?? '', code ?? '']));
}

it('the example of the README compiles and prints what the README says', () => {
  const blocks = codeBlocks(readme);
  expect([...blocks.keys()]).toEqual(['signals.ts', 'main.ts']);
  for (const [name, code] of blocks) writeFileSync(join(folder, name), code);
  const tsconfig = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: { composite: false, incremental: false, isolatedDeclarations: false, declaration: false },
    include: ['*.ts'],
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ ...tsconfig, compilerOptions: { ...tsconfig.compilerOptions, declarationMap: false } }),
  );
  const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
  execFileSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
  const printed = execFileSync(process.execPath, [join(folder, 'main.js')], { encoding: 'utf8' });
  const promised = /It prints `(.*?)`/.exec(readme)?.[1];
  expect(promised).toBeTruthy();
  expect(printed.trim()).toBe(promised);
});
