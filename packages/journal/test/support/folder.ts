import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

const made: string[] = [];

afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
});

/** A path for a journal, gone after the test. Nothing is there yet. */
export function newFolder(): string {
  const parent = mkdtempSync(join(tmpdir(), 'millrace-journal-'));
  made.push(parent);
  return join(parent, 'journal');
}
