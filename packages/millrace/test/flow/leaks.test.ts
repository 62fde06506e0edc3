/**
 * Starting and stopping again and again leaves nothing behind. The full size is ten thousand cycles of threads:
 *
 *   MILLRACE_CYCLES=10000 npm test -- test/flow/leaks.test.ts
 */
import { getEventListeners } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pipeline, sequences, toRing } from 'millrace';
import { expect, it } from 'vitest';
import {
  collect,
  expectNoThreads,
  type Mode,
  Num,
  nums,
  PROCESSORS,
  systemThreads,
  until,
} from '../support/lifecycle.ts';

const CYCLES = Number(process.env.MILLRACE_CYCLES ?? 30);
/**
 * MiB that may be added. The system's count rises to a level of the allocator's choosing (Node 24: 60 MiB); a thread that
 * is left costs 8, a flow that is held ten thousand bytes of heap, and its memory is counted as buffers (inline: 64 MiB each).
 */
const MOST = { rss: 128, heap: 8, buffers: 256 };

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Active resources by name, without the timers of whoever runs the test. */
const resources = (): string =>
  process
    .getActiveResourcesInfo()
    .filter((name) => name !== 'Timeout')
    .sort()
    .join(' ');

/** MiB in use after what can be collected is. Buffers are given back a turn later. */
async function memory(): Promise<{ rss: number; heap: number; buffers: number }> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  return { rss: rss / 2 ** 20, heap: heapUsed / 2 ** 20, buffers: arrayBuffers / 2 ** 20 };
}

/** Alternates how a flow ends: drained, stopped at once, stopped by a signal, or by itself. */
async function cycle(mode: Mode, index: number, signal: AbortSignal): Promise<void> {
  const stage = pipeline({ source: Num, capacity: 16 }).process(PROCESSORS, { threads: 1, laneBytes: 4096 });
  const abort = new AbortController();
  switch (index % 4) {
    case 0: {
      const flow = await stage.write(toRing({ capacity: 16 })).start({ mode, signal });
      const publishing = flow.publish(nums(20), { signal }).then(() => flow.drain());
      expect(await collect(flow.results())).toHaveLength(20);
      return await publishing;
    }
    case 1: {
      const flow = await stage.write(() => {}).start({ mode, signal });
      await flow.publish(nums(5), { signal });
      return await flow.stop();
    }
    case 2: {
      const flow = await stage.write(toRing({ capacity: 4 })).start({ mode, signal: abort.signal });
      flow.results();
      abort.abort();
      return await flow.ended.catch(() => {});
    }
    default: {
      const flow = await pipeline({ source: sequences(10) })
        .process(PROCESSORS, { export: 'bare', threads: 1, laneBytes: 4096 })
        .write(() => {})
        .start({ mode, signal });
      return await flow.ended;
    }
  }
}

it.each([
  ['threads', CYCLES],
  ['inline', Math.max(2_000, CYCLES)],
] as const)(
  'in the mode %s, %i times',
  async (mode, cycles) => {
    const { signal } = new AbortController();
    const warm = Math.min(Math.max(4, cycles >> 3), 250);
    for (let i = 0; i < warm; i++) await cycle(mode, i, signal);
    await expectNoThreads();
    const before = { ...(await memory()), resources: resources(), threads: systemThreads() };
    for (let i = 0; i < cycles; i++) await cycle(mode, i, signal);
    await expectNoThreads();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    await until(
      () => resources() === before.resources,
      () => `${resources()} instead of ${before.resources}`,
    );
    // The system counts a few threads of Node's own, which come and go; a leak is one for each cycle.
    await until(
      () => systemThreads() <= before.threads + 4,
      () => `${systemThreads()} threads instead of ${before.threads}`,
    );
    const after = await memory();
    for (const kind of ['rss', 'heap', 'buffers'] as const) {
      expect(after[kind] - before[kind], `MiB of ${kind}`).toBeLessThan(MOST[kind]);
    }
  },
  60_000 + CYCLES * 1_000,
);

/** Modules that this process is reading. */
const modulesOpen = (): string[] =>
  readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${name}`);
      return /\.m?js$/.test(path) ? [path] : [];
    } catch {
      return [];
    }
  });

// Node 20 keeps the descriptor of a file that a thread was reading when it was terminated.
it.runIf(process.platform === 'linux')(
  'leaves no file open where a start is aborted while threads import',
  async () => {
    for (let i = 0; i < 4; i++) {
      const abort = new AbortController();
      const starting = pipeline({ source: Num, graceMs: 0 })
        .process(PROCESSORS, { threads: 4 })
        .write(() => {})
        .start({ signal: abort.signal });
      let isOver = false;
      void starting.then(
        () => (isOver = true),
        () => (isOver = true),
      );
      while (!isOver && modulesOpen().length === 0) await new Promise((resolve) => setImmediate(resolve));
      abort.abort(new Error('enough'));
      await starting.then((flow) => flow.stop()).catch(() => {});
    }
    await until(
      () => modulesOpen().length === 0,
      () => `these are open: ${modulesOpen().join(' ')}`,
    );
    await expectNoThreads();
  },
);
