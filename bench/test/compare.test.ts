import { describe, expect, it } from 'vitest';
import { compare } from '../dist/harness/compare.js';

const registry = new URL('./fixtures/contenders.mjs', import.meta.url);
/** No event: the right answer is nothing. */
const setting = { work: { kind: 'w1', K: 0 }, events: 0 } as const;

const run = (...names: string[]) =>
  compare({ label: 'test', registry, entries: names.map((name) => ({ name })), setting, threads: 1, rounds: 2 });

describe('compare', () => {
  it('runs every contender in every round, the loop among them, in rotation', async () => {
    const records = await run('plain-loop');
    expect(records.map(({ name, round }) => `${name} ${round}`)).toEqual(['plain-loop 1', 'plain-loop 2']);
  });

  it('refuses a contender with a wrong answer', async () => {
    await expect(run('liar')).rejects.toThrow('liar answered 1 items with checksum 1');
  });

  it('passes on what a contender threw in its process', async () => {
    await expect(run('thrower')).rejects.toThrow(/thrower: .*out of order/);
  });

  it('notices a contender whose process ends', async () => {
    await expect(run('dier')).rejects.toThrow('dier: its process ended during "round" (exit 3)');
  });

  it('names the contenders there are when it is asked for another', async () => {
    await expect(run('nobody')).rejects.toThrow(/no contender "nobody" .* there are plain-loop, liar/);
  });
});
