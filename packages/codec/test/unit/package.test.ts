/** The built package as a user's process loads it. Needs `pnpm build`. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);

/** Runs a program in the package's folder, so that it can import the package by its name; gives what it printed. */
function runNode(flags: readonly string[], program: string): string {
  return execFileSync(process.execPath, [...flags, '-e', program], {
    cwd: fileURLToPath(root),
    encoding: 'utf8',
  }).trim();
}

const ROUND_TRIP = `
  const buffer = new SharedArrayBuffer(4096);
  const memory = {
    i8: new Int8Array(buffer), u8: new Uint8Array(buffer), i16: new Int16Array(buffer), u16: new Uint16Array(buffer),
    i32: new Int32Array(buffer), u32: new Uint32Array(buffer), f32: new Float32Array(buffer), f64: new Float64Array(buffer),
    i64: new BigInt64Array(buffer), u64: new BigUint64Array(buffer), byteLength: 4096,
  };
  const Tick = struct({ symbol: u32, price: f64, name: text(8) });
  Tick.write(memory, 16, { symbol: 7, price: 1.5, name: 'gold' });
  let refused;
  try { Tick.write(memory, 16, { symbol: -7, price: 1.5, name: 'gold' }); } catch (error) { refused = error.code; }
  const values = value();
  const used = values.write(memory, 100, 1000, { list: [1, 'two'] });
  console.log(JSON.stringify([Tick.generated, Tick.read(memory, 16), Tick.view(memory).moveTo(16).price, refused, values.read(memory, 100, used)]));
`;
const EXPECTED = [{ symbol: 7, price: 1.5, name: 'gold' }, 1.5, 'OUT_OF_RANGE', { list: [1, 'two'] }];

describe('the built package', () => {
  it('works by require()', () => {
    const program = `const { struct, u32, f64, text, value } = require('@millrace/codec'); ${ROUND_TRIP}`;
    expect(JSON.parse(runNode(['--no-warnings'], program))).toEqual([true, ...EXPECTED]);
  });

  it('gives require() and import the same module', () => {
    const program = `const a = require('@millrace/codec'); import('@millrace/codec').then((b) => console.log(a.CodecError === b.CodecError));`;
    expect(runNode(['--no-warnings'], program)).toBe('true');
  });

  it('works, interpreted, where code generation from strings is forbidden', () => {
    const program = `import { struct, u32, f64, text, value } from '@millrace/codec'; ${ROUND_TRIP}`;
    const flags = ['--disallow-code-generation-from-strings', '--input-type=module'];
    expect(JSON.parse(runNode(flags, program))).toEqual([false, ...EXPECTED]);
  });

  it('runs the example of its README', () => {
    const readme = readFileSync(new URL('README.md', root), 'utf8');
    const [, example] = /```js\n(.*?)```/s.exec(readme) ?? [];
    const promised = [...(example ?? '').matchAll(/console\.log\(.*?\);\s*\/\/ (.*)/g)].map(([, line]) => line);
    expect(promised.length).toBeGreaterThan(0);
    expect(runNode(['--input-type=module'], example ?? '').split('\n')).toEqual(promised);
  });
});
