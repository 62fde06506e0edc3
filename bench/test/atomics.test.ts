import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { COUNTING_OPTIONS, type CountedResult } from '../dist/atomics/index.js';
import { type OrderedSetting, verify } from '../dist/harness/contender.js';
import { RemoteContender } from '../dist/harness/remote.js';
import { expectedAnswer } from '../dist/workloads/expected.js';

const COUNTING = new URL('../dist/atomics/counting.js', import.meta.url).href;

describe('counted atomics', () => {
  it('are those of all threads, of each kind', () => {
    const worker = `
      const words = new Int32Array(new SharedArrayBuffer(4));
      for (let i = 0; i < 3; i++) Atomics.load(words, 0);
      Atomics.compareExchange(words, 0, 0, 1);
      Atomics.wait(words, 0, 0);`;
    const main = `
      import { Worker } from 'node:worker_threads';
      import { counted } from ${JSON.stringify(COUNTING)};
      const words = new Int32Array(new SharedArrayBuffer(4));
      Atomics.store(words, 0, 1);
      Atomics.add(words, 0, 1);
      Atomics.notify(words, 0);
      for (let i = 0; i < 2; i++) {
        await new Promise((resolve) => new Worker(${JSON.stringify(worker)}, { eval: true }).once('exit', resolve));
      }
      console.log(JSON.stringify(counted()));`;
    const args = [...COUNTING_OPTIONS, '--input-type=module', '--eval', main];
    const output = execFileSync(process.execPath, args, { encoding: 'utf8' });
    const { loads, ...others } = JSON.parse(output) as Record<string, number>;
    expect(others).toEqual({ stores: 1, exchanges: 3, waits: 2, notifies: 1 });
    // A worker's process.cwd() loads a word that says whether it has changed.
    expect(loads).toBeGreaterThanOrEqual(6);
    expect(loads).toBeLessThan(12);
  });

  it('of a flow belong to its rounds, and its answers stay right', async () => {
    const registry = new URL('../dist/atomics/index.js', import.meta.url);
    const remote = await RemoteContender.start<OrderedSetting, CountedResult>(
      registry,
      'millrace',
      { threads: 2 },
      COUNTING_OPTIONS,
    );
    try {
      for (const events of [2_000, 500]) {
        const setting: OrderedSetting = { work: { kind: 'w1', K: 0 }, events };
        const { result } = await remote.round(setting);
        verify('millrace', 'atomics', result, expectedAnswer(setting.work, events));
        expect(result.flow.sequences).toBe(events);
        // Every ticket is taken by an exchange, and all threads together end each by a few stores.
        expect(result.atomics.exchanges).toBeGreaterThanOrEqual(result.flow.tickets);
        expect(result.atomics.stores).toBeGreaterThanOrEqual(2 * result.flow.tickets);
        expect(result.atomics.notifies).toBeGreaterThanOrEqual(result.flow.wakes);
      }
    } finally {
      await remote.stop();
    }
  });
});
