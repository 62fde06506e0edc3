import { describe, expect, test } from 'vitest';
import { read, sources } from './tree.ts';

const MAX_LINES = 450;

/** Longer on purpose. Each entry says why the file is easier to read whole. */
const LONG_FILES: Record<string, string> = {};

describe('source files', () => {
  test(`are at most ${MAX_LINES} lines long, or say why not`, () => {
    const long = sources
      .map((path) => ({ path, lines: read(path).split('\n').length - 1 }))
      .filter(({ path, lines }) => lines > MAX_LINES && !(path in LONG_FILES));
    expect(long).toEqual([]);
  });

  test('which may be long exist, and are long', () => {
    const stale = Object.keys(LONG_FILES).filter(
      (path) => !sources.includes(path) || read(path).split('\n').length - 1 <= MAX_LINES,
    );
    expect(stale).toEqual([]);
  });
});
