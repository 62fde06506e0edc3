import { getPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { SHARE_ENV } from 'node:worker_threads';
import { type Codec, type Flow, i32, pipeline, sequences, struct, toRing } from 'millrace';
import { describe, expect, it } from 'vitest';
import {
  cleanUp,
  drained,
  expectNoThreads,
  fixture,
  liveThreads,
  MODES,
  Num,
  nums,
  PROCESSORS,
  refusal,
  rejection,
  Shared,
  start,
  WRITERS,
} from '../support/lifecycle.ts';

cleanUp();

/** The fixtures' own error, as it has to arrive. */
function expectMine(cause: unknown): void {
  expect(cause).toBeInstanceOf(TypeError);
  expect(cause).toMatchObject({ name: 'TypeError', message: 'mine', code: 'E_MINE', detail: { a: [1, 2] } });
  expect((cause as Error).stack).toContain('lifecycle-processors.mjs');
}

describe.each(MODES)('starting a flow in the mode %s', (mode) => {
  it('resolves when every thread has run its init', async () => {
    const shared = new Shared();
    await start({ mode, process: { threads: 2, data: shared.data } });
    expect(shared.read(3)).toBe(2);
  });

  it.each(['initThrows', 'initRejects'])('rejects with the thread’s own error as cause: %s', async (name) => {
    const error = await refusal(start({ mode, process: { export: name } }), 'MODULE_FAILED');
    expect(error).toMatchObject({ thread: 'processor 0' });
    expect(error.message).toContain('init of processor 0 failed: mine');
    expectMine(error.cause);
    await expectNoThreads();
  });

  it('rejects when the init of one thread fails and the others are ready, and waits for no grace time', async () => {
    // A grace time longer than the test may take: who is ready has to be told to end.
    const given = { mode, pipeline: { graceMs: 600_000 }, process: { export: 'initOfOneThrows', threads: 2 } };
    expectMine((await refusal(start(given), 'MODULE_FAILED')).cause);
    await expectNoThreads();
  });

  it.each([
    [
      'import',
      { module: fixture('never-loads.mjs') },
      /has not imported .*never-loads.mjs \(a top-level await\?\) after/,
    ],
    ['init', { process: { export: 'initNeverEnds' } }, /has not run its `init` and its warm-up after/],
  ])('rejects where an %s never settles, and says on which thread and what to do', async (_, given, message) => {
    // Longer than a thread takes to come up on a busy machine.
    const error = await refusal(start({ mode, pipeline: { startTimeoutMs: 5_000 }, ...given }), 'START_TIMEOUT');
    expect(error.thread).toBe('processor 0');
    expect(error.message).toMatch(message);
    expect(error.message).toContain('after 5000 ms: let the promise settle, or raise `startTimeoutMs` (0: no limit)');
    await expectNoThreads();
  });

  it('does not run an init again after it failed', async () => {
    const shared = new Shared();
    const data = { ...shared.data };
    await refusal(
      start({ mode, process: { data }, write: WRITERS, writeOptions: { export: 'initThrows' } }),
      'MODULE_FAILED',
    );
    await expectNoThreads();
    expect(shared.read(3)).toBe(1);
  });

  it('rejects with the error of a writer’s init', async () => {
    const error = await refusal(
      start({ mode, write: WRITERS, writeOptions: { export: 'initThrows' } }),
      'MODULE_FAILED',
    );
    expect(error.thread).toBe('writer');
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(error.cause).toMatchObject({ message: 'written', code: 'E_WRITTEN' });
  });

  it.each([
    ['a module that does not exist', fixture('nowhere.mjs'), 'ERR_MODULE_NOT_FOUND'],
    ['a module that throws on import', fixture('throws-on-import.mjs'), 'E_TOP'],
  ])('refuses %s and says why', async (_, module, code) => {
    const error = await refusal(start({ mode, module }), 'MODULE_FAILED');
    expect(error.message).toContain(module.href);
    expect(error.cause).toMatchObject({ code });
    if (mode === 'threads') return;
    const written = await refusal(start({ mode, write: module }), 'MODULE_FAILED');
    expect(written.cause).toMatchObject({ code });
  });

  const shapes = [
    ['has no such export', 'nobody'],
    ['exports a function', 'aFunction'],
    ['exports a number', 'aNumber'],
  ] as const;
  // What a module exports is looked at by the same code: on threads, which take their time to start, once is enough.
  it.each(mode === 'threads' ? shapes.slice(0, 1) : shapes)(
    'refuses a module that %s, and says what it exports',
    async (_, name) => {
      const error = await refusal(start({ mode, process: { export: name } }), 'BAD_MODULE');
      expect(error.message).toContain(`export "${name}"`);
      expect(error.message).toContain('it exports: ');
      expect(error.message).toContain('export default processor({ … })');
    },
  );

  it('refuses a module whose parts are wrong, with all that is wrong', async () => {
    const { message } = await refusal(start({ mode, process: { export: 'wrongParts' } }), 'BAD_MODULE');
    expect(message).toContain('`output` is 5; give a codec');
    expect(message).toContain('`process` is "x"; give a function');
    expect(message).toContain('`interested` is true; give a function');
  });

  it('refuses a writer in place of a processor, and the other way round', async () => {
    expect((await refusal(start({ mode, module: WRITERS }), 'BAD_MODULE')).message).toContain('is not a processor');
    if (mode === 'threads') return;
    expect((await refusal(start({ mode, write: PROCESSORS }), 'BAD_MODULE')).message).toContain('is not a writer');
  });

  it('refuses codecs that differ, and names both sides', async () => {
    const Other = struct({ m: i32 });
    const source = await refusal(start({ mode, pipeline: { source: Other as never } }), 'CODEC_MISMATCH');
    expect(source.message).toMatch(/the source has .*m.* and the processor’s `input` has .*n.*use one codec/);
    await expectNoThreads();
    if (mode === 'threads') return;
    const writer = await refusal(
      start({ mode, write: WRITERS, writeOptions: { export: 'otherCodec' } }),
      'CODEC_MISMATCH',
    );
    expect(writer.message).toMatch(/the processor’s `output` has .* and the writer’s `input` has/);
    const ring = await refusal(start({ mode, write: toRing({ codec: Other }) as never }), 'CODEC_MISMATCH');
    expect(ring.message).toContain('`codec` of toRing');
    const bare = await refusal(
      pipeline({ source: sequences(1) })
        .process(PROCESSORS, { threads: 1 })
        .write(toRing())
        .start({ mode }),
      'CODEC_MISMATCH',
    );
    expect(bare.message).toContain('no codec (bare sequences)');
  });

  it('takes a codec of toRing that is the processor’s', async () => {
    const flow = await start({ mode, write: toRing({ codec: Num }) as never });
    await flow.publish(nums(3));
    expect(await drained(flow)).toEqual(nums(3));
  });

  it('refuses a ring for a processor without output, and runs one into a function', async () => {
    const error = await refusal(start({ mode, process: { export: 'withoutOutput' } }), 'BAD_MODULE');
    expect(error.message).toContain('has no `output`');
    const shared = new Shared();
    const flow = await start({ mode, process: { export: 'withoutOutput', data: shared.data }, write: () => {} });
    await flow.publish(nums(5));
    await flow.drain();
    expect(shared.read(1)).toBe(5);
    expect(flow.stats()).toMatchObject({ published: 5, items: 0 });
  });

  it.each([
    ['compiled', 'default'],
    ['assigned', 'default'],
    ['named', 'double'],
  ])('loads a processor of a CommonJS module: %s', async (name, exported) => {
    const module = fixture(`${name}.cjs`, 'commonjs/');
    const flow = await start({ mode, module, process: { export: exported } });
    await flow.publish(nums(3));
    expect(await drained(flow)).toEqual(nums(3));
  });

  it('loads a writer of a CommonJS module', async () => {
    for (const name of ['compiled', 'named']) {
      const flow = await start({ mode, write: fixture(`${name}.cjs`, 'commonjs/'), writeOptions: { export: 'store' } });
      await flow.publish(nums(3));
      await flow.drain();
      expect(flow.stats().items).toBe(3);
    }
  });

  it('lists what a CommonJS module exports, where that is not what is wanted', async () => {
    const compiled = await refusal(
      start({ mode, module: fixture('compiled.cjs', 'commonjs/'), process: { export: 'store' } }),
      'BAD_MODULE',
    );
    expect(compiled.message).toContain('is not a processor');
    expect(compiled.message).toContain('default.default (a processor)');
    expect(compiled.message).toContain('store (a writer)');
    const named = await refusal(start({ mode, module: fixture('named.cjs', 'commonjs/') }), 'BAD_MODULE');
    expect(named.message).toContain('it exports: default (an object with default, double, store)');
    const promised = await refusal(start({ mode, module: fixture('promised.cjs', 'commonjs/') }), 'BAD_MODULE');
    expect(promised.message).toContain('default (a promise)');
  });

  it('takes its options at once: what becomes of the given objects later changes nothing, also for a successor', async () => {
    const memory = new SharedArrayBuffer(16);
    const buffer = new Uint8Array([1, 2, 3]).buffer;
    const data = { list: ['given'], buffer, memory };
    const restarts = { max: 5, delayMs: 0 };
    const env = { GIVEN: 'yes' };
    const starting = start<number, string>({
      mode,
      pipeline: { source: i32 as Codec<unknown, never>, restarts },
      process: { export: 'tellsData', data, env: mode === 'inline' ? {} : env },
    });
    data.list.push('changed');
    structuredClone(buffer, { transfer: [buffer] });
    restarts.max = 0;
    env.GIVEN = 'no';
    const flow = await starting;
    await flow.publish(0);
    await flow.settled();
    if (mode === 'threads') await flow.kill('processor 0');
    // Once more after its death.
    await flow.publish(1);
    const told = (await drained(flow as Flow<never, string>)).map(
      (text) => JSON.parse(text) as Record<string, unknown>,
    );
    for (const each of told) {
      expect(each).toEqual({
        list: ['given'],
        bytes: [1, 2, 3],
        isShared: true,
        GIVEN: mode === 'inline' ? null : 'yes',
      });
    }
    expect(told).toHaveLength(2);
    // What is shared stays shared.
    expect(new Int32Array(memory)[0]).toBe(2);
  });

  it('refuses data that cannot be cloned', async () => {
    const error = await rejection(start({ mode, process: { data: { f: () => {} } } }));
    expect(['BAD_OPTIONS', 'MODULE_FAILED']).toContain(error.code);
    expect(error.message).toContain('could not be cloned');
    expect(error.cause).toMatchObject({ name: 'DataCloneError' });
    await expectNoThreads();
  });

  it('gives init a copy of its data, and shares a SharedArrayBuffer in it', async () => {
    const shared = new Shared();
    const data = { ...shared.data, list: [1, { deep: true }] };
    const flow = await start<Num, Record<string, unknown>>({ mode, process: { export: 'tells', data } });
    await flow.publish({ n: 1 });
    const [told] = await drained(flow);
    expect(told).toMatchObject({ list: [1, { deep: true }], thread: 0, threads: 1 });
    expect(shared.read(3)).toBe(1);
  });

  it('takes a path, a URL as text, and a named export', async () => {
    for (const module of mode === 'threads'
      ? [fileURLToPath(PROCESSORS)]
      : [fileURLToPath(PROCESSORS), PROCESSORS.href]) {
      const flow = await start({ mode, module: module as never, process: { export: 'repeat' } });
      await flow.publish({ n: 2 });
      expect(await drained(flow)).toEqual(nums(2));
    }
  });

  it('reports every fault of the options at once, and starts nothing', async () => {
    const error = await refusal(
      pipeline({ source: Num, capacity: -1, wait: 'never' as never })
        .process(PROCESSORS, { threads: 0, speed: 3 } as never)
        .write(toRing({ readers: 1.5 }))
        .start({ mode }),
      'BAD_OPTIONS',
    );
    for (const fault of [
      'pipeline.capacity is -1',
      'pipeline.wait is "never"',
      'process.threads is 0',
      'process.speed',
      'toRing.readers is 1.5',
    ]) {
      expect(error.message).toContain(fault);
    }
    expect(liveThreads()).toBe(0);
  });
});

describe('starting threads', () => {
  it('refuses items of one size that no lane of that size can hold', async () => {
    const error = await refusal(start({ process: { export: 'wide', laneBytes: 512 } }), 'ITEM_TOO_LARGE');
    expect(error.thread).toBe('processor 0');
    expect(error.message).toMatch(
      /an item of \d+ bytes; a lane of 512 bytes takes items up to \d+: give the processor laneBytes \d+ or more/,
    );
  });

  it('requires no ES module in a thread: one that is terminated meanwhile aborts the process, on Node 20', async () => {
    const flow = await start({ process: { export: 'requiredModules' } });
    await flow.publish(nums(1));
    expect(await drained(flow)).toEqual([{ n: 0 }]);
  });

  it.runIf(process.platform === 'linux')('raises the niceness of processors, and of nobody else', async () => {
    const own = getPriority();
    for (const [nice, seen] of [
      [undefined, own],
      [5, own + 5],
      [19, 19],
    ] as const) {
      const flow = await start({
        process: { export: 'niceness', threads: 1, ...(nice === undefined ? {} : { nice }) },
      });
      await flow.publish(nums(1));
      expect(await drained(flow)).toEqual([{ n: Math.min(seen, 19) }]);
      expect(getPriority()).toBe(own);
    }
    const shared = new Shared();
    const flow = await start({
      process: { nice: 5 },
      write: WRITERS,
      writeOptions: { export: 'niceness', data: shared.data },
    });
    await flow.publish(nums(1));
    await flow.drain();
    expect(shared.read(2)).toBe(own);
  });

  it('says what to do about a TypeScript file that Node refuses, or runs it', async () => {
    const strips = (process.features as { typescript?: unknown }).typescript;
    const starting = start({ module: fixture('typescript.ts'), process: { execArgv: [] } });
    if (strips === undefined || strips === false) {
      const error = await refusal(starting, 'MODULE_FAILED');
      expect(error.message).toContain('name the compiled .js file, or run on Node 22.18 or later');
      expect(error.cause).toMatchObject({ code: 'ERR_UNKNOWN_FILE_EXTENSION' });
    } else {
      const flow = await starting;
      await flow.publish(nums(2));
      expect(await drained(flow)).toEqual(nums(2));
      const error = await refusal(start({ module: fixture('enum.ts'), process: { execArgv: [] } }), 'MODULE_FAILED');
      expect(error.message).toMatch(/name the compiled \.js file, since Node only strips types$/);
    }
  });

  it('passes env, execArgv and resourceLimits on to the processors', async () => {
    const flow = await start<Num, Record<string, unknown>>({
      process: {
        export: 'tells',
        env: { LIFECYCLE: 'here' },
        execArgv: ['--no-warnings'],
        resourceLimits: { maxOldGenerationSizeMb: 77 },
      },
    });
    await flow.publish({ n: 1 });
    const [told] = await drained(flow);
    expect(told).toMatchObject({ variable: 'here', execArgv: ['--no-warnings'], oldSpaceMb: 77 });
    expect(told!.threadId).toBeGreaterThan(0);
  });

  it('shares the environment with a processor where that is asked for', async () => {
    process.env.LIFECYCLE = 'shared';
    const flow = await start<Num, Record<string, unknown>>({ process: { export: 'tells', env: SHARE_ENV } });
    process.env.LIFECYCLE = 'since then';
    await flow.publish({ n: 1 });
    expect((await drained(flow))[0]).toMatchObject({ variable: 'since then' });
    delete process.env.LIFECYCLE;
  });

  it('gives a processor the environment as it was at the start, where nothing else is asked for', async () => {
    process.env.LIFECYCLE = 'at the start';
    const flow = await start<Num, Record<string, unknown>>({ process: { export: 'tells' } });
    process.env.LIFECYCLE = 'since then';
    await flow.publish({ n: 1 });
    expect((await drained(flow))[0]).toMatchObject({ variable: 'at the start' });
    delete process.env.LIFECYCLE;
  });

  it('takes for the lane of the inline mode only the memory that is used', async () => {
    const before = process.memoryUsage.rss();
    const flow = await start({ mode: 'inline' });
    await flow.publish(nums(20));
    expect(await drained(flow)).toHaveLength(20);
    expect(process.memoryUsage.rss() - before).toBeLessThan(128 * 2 ** 20);
  });

  it.each([
    ['are no flags', { execArgv: ['--no-such-flag-anywhere'] }],
    ['are the process’s own', { execArgv: ['--max-old-space-size=100'] }],
  ])('refuses execArgv that %s, and leaves no thread', async (_, process) => {
    const error = await refusal(start({ process }), 'BAD_OPTIONS');
    expect(error.message).toContain('execArgv');
    expect(error.cause).toMatchObject({ code: 'ERR_WORKER_INVALID_EXEC_ARGV' });
    await expectNoThreads();
  });

  it('rejects when threads die as they start, and does not start them for ever', async () => {
    const missing = `--import=${fixture('nowhere.mjs').href}`;
    const error = await refusal(start({ process: { threads: 2, execArgv: [missing] } }), 'THREAD_DIED');
    expect(error.thread).toMatch(/^processor [01]$/);
    await expectNoThreads();
  });

  it('rejects when a thread ends in its init', async () => {
    const error = await refusal(start({ process: { export: 'exitsInInit', threads: 2 } }), 'THREAD_DIED');
    expect(error.thread).toMatch(/^processor [01]$/);
    expect(error.message).toContain('code: 4');
    await expectNoThreads();
  });
});
