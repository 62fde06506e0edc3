import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../dist/volatility-surface/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'volatility-surface-main-'));

afterAll(() => rmSync(folder, { recursive: true }));

describe('the whole job, as a program', () => {
  it('writes the same quotes with three processors as with one thread, and a chart', async () => {
    const { status, output, errors } = await start('--quick', '--threads', '3', '--out', folder);
    expect(errors).toBe('');
    expect(status).toBe(0);
    expect(output).toContain('3 processors');
    expect(output).toContain('Both outputs are the same, byte for byte');
    const [single, all] = ['quotes-single-thread.csv', 'quotes-all-cores.csv'].map((name) =>
      readFileSync(join(folder, name), 'utf8'),
    );
    expect(all.split('\n').length).toBeGreaterThan(100_000);
    expect(all === single).toBe(true);
    expect(readFileSync(join(folder, 'implied-volatility.svg'), 'utf8')).toContain('2008');
  });

  it('goes on from its journal when it was killed, and ends with the same quotes', async () => {
    const args = ['--quick', '--threads', '2', '--out', folder, '--journal', join(folder, 'journal')];
    const killed = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    // Killed once it says that days are done.
    let said = '';
    for await (const chunk of killed.stdout) {
      said += String(chunk);
      if (/all cores: +[1-9]/.test(said)) killed.kill('SIGKILL');
    }
    const { status, output } = await start(...args);
    expect(status).toBe(0);
    expect(output).toMatch(/2, from day [1-9]/);
    expect(output).toContain('Both outputs are the same, byte for byte');
    // Complete: there is nothing left to compute.
    expect((await start(...args)).output).toContain('2, from day 5105');
  });

  it('prints plain lines where there is no terminal', async () => {
    const { output } = await start('--quick', '--threads', '1', '--out', folder);
    expect(output).toMatch(/^all cores: +\d+ %, .* events\/s, .* items\/s$/m);
    expect(output).not.toContain('\u001b');
  });

  it('refuses a wrong command line with the usage and status 2', async () => {
    const { status, errors } = await start('--threads', '0');
    expect(status).toBe(2);
    expect(errors).toContain('--threads 0: expected a whole number from 1 to 64');
    expect(errors).toContain('--quick');
  });
});

async function start(...args: string[]): Promise<{ status: number; output: string; errors: string }> {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };
  const child = spawn(process.execPath, [program, ...args], { env });
  const [[status], output, errors] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
  return { status, output, errors };
}
