/** A writer that is killed at random moments, process or thread, and started again until it is done. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { journalPosition, openJournal, toJournal } from '@millrace/journal';
import { describe, expect, it } from 'vitest';
import { type Item, oracle, runFlow } from './fixtures/flow.mjs';
import { startFlow } from './support/child.ts';
import { newFolder } from './support/folder.ts';
import { readAll } from './support/read.ts';

/** `MILLRACE_JOURNAL_KILLS=1000` for more. */
const KILLS = Number(process.env.MILLRACE_JOURNAL_KILLS ?? 6);
const SEQUENCES = 2_500;
const SEED = Number(process.env.MILLRACE_JOURNAL_SEED ?? Date.now() % 2 ** 31);

/** Park and Miller's minimal standard generator. */
function random(seed: number): () => number {
  let state = (seed % 2147483646) + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/** In text, which compares a thousand times faster. */
function expectSame(got: readonly unknown[], wanted: readonly Item[]): void {
  expect(got.length).toBe(wanted.length);
  expect(JSON.stringify(got) === JSON.stringify(wanted)).toBe(true);
}

/** What is there is a beginning of the oracle, and as long as the position says. */
async function expectWhole(dir: string, all: readonly Item[]): Promise<void> {
  const position = await journalPosition(dir);
  const below = all.filter(
    ({ sequence, index }) => sequence < position.sequence || (sequence === position.sequence && index < position.items),
  );
  const got = position.sequence === 0 && position.items === 0 ? [] : await readAll<Item>(dir);
  expectSame(got, below);
}

describe.each([
  ['struct', 'none'],
  ['value', 'batch'],
  ['struct', 'always'],
])('kill -9 of a flow of %s at durability %s', (codec, durability) => {
  it(`loses nothing and repeats nothing (seed ${SEED})`, { timeout: 60_000 + KILLS * 3_000 }, async () => {
    const dir = newFolder();
    const dice = random(SEED);
    const all = oracle(SEQUENCES);
    let kills = 0;
    for (;;) {
      const child = startFlow(dir, codec, SEQUENCES, durability);
      // The first one also while it makes the journal; later ones while they write.
      const killed = kills < KILLS;
      if (killed) {
        if (kills > 0) await child.printed(/\n/).catch(() => undefined);
        await sleep(dice() * (kills === 0 ? 300 : 40));
        child.process.kill('SIGKILL');
      }
      const code = await child.exited;
      if (!killed) {
        expect(child.output()).toMatch(/done from/);
        expect(code).toBe(0);
        break;
      }
      kills++;
      await expectWhole(dir, all);
      if (child.output().includes('done')) break;
    }
    expectSame(await readAll(dir), all);
    expect(await journalPosition(dir)).toEqual({ sequence: SEQUENCES, items: 0 });
  });
});

it(`the writer's thread may be terminated at any moment (seed ${SEED})`, { timeout: 120_000 }, async () => {
  const dir = newFolder();
  const dice = random(SEED);
  const spec = toJournal({ dir, durability: 'batch' });
  const sequences = 2_000;
  for (let i = 0; i < 20; i++) {
    const worker = new Worker(new URL('./fixtures/flow-worker.mjs', import.meta.url), {
      workerData: { spec, codec: 'struct', sequences },
    });
    await once(worker, 'message');
    await sleep(dice() * 25);
    await worker.terminate();
  }
  const all = oracle(sequences);
  await expectWhole(dir, all);
  await runFlow({ spec, codec: 'struct', sequences });
  expectSame(await readAll(dir), all);
});

it('a terminated writer leaves the journal free for another process', async () => {
  const dir = newFolder();
  const spec = toJournal({ dir });
  const worker = new Worker(new URL('./fixtures/flow-worker.mjs', import.meta.url), {
    workerData: { spec, codec: 'struct', sequences: 100_000 },
  });
  await once(worker, 'message');
  while ((await journalPosition(dir)).sequence < 10) await sleep(10);
  await worker.terminate();
  const { sequence } = await journalPosition(dir);
  const child = startFlow(dir, 'struct', sequence + 500, 'batch');
  expect(await child.exited).toBe(0);
  expectSame(await readAll(dir), oracle(sequence + 500));
  const reader = openJournal(dir);
  expect(reader.position().sequence).toBe(sequence + 500);
  await reader.close();
});
