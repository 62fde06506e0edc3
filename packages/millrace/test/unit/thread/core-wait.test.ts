import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { CoreWait } from '../../../src/thread/core-wait.ts';

vi.mock('node:fs', () => ({ readFileSync: vi.fn() }));

/** What the kernel says next: milliseconds that the thread has waited for a core. */
const waited = (ms: number): void => {
  vi.mocked(readFileSync).mockReturnValueOnce(`90000000 ${ms * 1e6} 12\n`);
};

describe('a run that took long', () => {
  test('is explained by a wait for a core of more than half of it, since this was last asked', () => {
    const wait = new CoreWait();
    waited(3);
    expect(wait.explains(5)).toBe(true);
    waited(5.5);
    expect(wait.explains(5)).toBe(false);
    waited(8.1);
    expect(wait.explains(5)).toBe(true);
  });

  test('is not explained where the kernel counts nothing, or something else', () => {
    const wait = new CoreWait();
    vi.mocked(readFileSync).mockImplementationOnce(() => {
      throw new Error('ENOENT');
    });
    expect(wait.explains(5)).toBe(false);
    vi.mocked(readFileSync).mockReturnValueOnce('nothing of the kind');
    expect(wait.explains(5)).toBe(false);
  });
});
