/** What a whole process, or a whole thread, does around a flow. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { cleanUp, collect, fixture, MODES, nums, start } from '../support/lifecycle.ts';

cleanUp();

interface Ending {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

interface Run {
  child: ChildProcess;
  ending: Promise<Ending>;
  said: (text: string) => Promise<void>;
}

const run = (file: string, ...parameters: string[]): Run => runWith([], file, ...parameters);

function runWith(flags: readonly string[], file: string, ...parameters: string[]): Run {
  const child = spawn(process.execPath, [...flags, fileURLToPath(fixture(file)), ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk) => (stdout += chunk));
  child.stderr!.on('data', (chunk) => (stderr += chunk));
  const ending = once(child, 'close').then(
    ([code, signal]) => ({ code, signal, stdout: stdout.trim(), stderr }) as Ending,
  );
  const said = async (text: string): Promise<void> => {
    while (!stdout.includes(text))
      await Promise.race([once(child.stdout!, 'data'), ending.then(() => Promise.reject(new Error(stderr)))]);
  };
  return { child, ending, said };
}

it('what a thread prints is out at once while it blocks, and all of it before the flow has ended', async () => {
  const { child, ending, said } = run('child.mjs', 'prints');
  await said('at once\nwhile it blocks\n');
  child.kill('SIGTERM');
  const { code, stdout, stderr } = await ending;
  const long = [0, 1, 2].map((i) => `${i} ${'x'.repeat(100_000)}`);
  expect(stdout.split('\n')).toEqual(['at once', 'while it blocks', ...long, 'ended']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

it('what a thread prints goes by way of the main thread where that captures what is printed', async () => {
  expect(await run('child.mjs', 'captures').ending).toMatchObject({
    code: 0,
    stdout: '{"captured":["at once","0","1","2"]}',
  });
});

it('needs no native add-on, for values neither', async () => {
  expect(await runWith(['--no-addons'], 'child.mjs', 'values').ending).toEqual({
    code: 0,
    signal: null,
    stdout: '["text",{"list":[1,2.5]}] ERR_DLOPEN_DISABLED',
    stderr: '',
  });
});

describe.each(MODES)('a process with a flow in the mode %s', (mode) => {
  it('that a signal has told to end goes on while its flow ends, hears the second one, and ends at once by the third', async () => {
    const { child, ending, said } = run('child.mjs', 'hearsSignals', mode);
    await said('running');
    child.kill('SIGTERM');
    await said('draining');
    child.kill('SIGTERM');
    await said('stopping');
    child.kill('SIGTERM');
    expect(await ending).toMatchObject({ code: null, signal: 'SIGTERM', stdout: 'running\ndraining\nstopping' });
  });

  // A process and its threads take a second to start on a busy machine: on threads, one of these.
  const programs = [
    ['runs', '4950'],
    ['sequences', '499500'],
    ['failsToStart', 'MODULE_FAILED E_MINE'],
  ] as const;
  it.each(mode === 'threads' ? programs.slice(0, 1) : programs)(
    'ends by itself with code 0: %s',
    async (which, stdout) => {
      const { ending } = run('child.mjs', which, mode);
      expect(await ending).toEqual({ code: 0, signal: null, stdout, stderr: '' });
    },
  );

  it('ends by itself after a stop that nobody awaits', async () => {
    expect(await run('child.mjs', 'stops', mode).ending).toEqual({
      code: 0,
      signal: null,
      stdout: 'stopping',
      stderr: '',
    });
  });

  it('lives as long as its flow is unfinished', async () => {
    const { child, ending, said } = run('child.mjs', 'waits', mode);
    await said('waiting');
    // One that had nothing to wait for would end now, and say in which state its flow was. (A signal's listener keeps
    // nothing alive.)
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill('SIGTERM');
    expect(await ending).toEqual({ code: 0, signal: null, stdout: 'waiting\nstopped', stderr: '' });
  });

  it('crashes of a failure that nobody takes, once, after it was told how the flow ended', async () => {
    const { code, stdout, stderr } = await run('child.mjs', 'failsUnseen', mode).ending;
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'failed' });
    expect(stderr).toContain('[PROCESSOR_FAILED] processor');
    expect(stderr.match(/PROCESSOR_FAILED\] /g)).toHaveLength(1);
  });

  it('crashes of a failure of which a loop that is never gone on with would have been told', async () => {
    const { code, stdout, stderr } = await run('child.mjs', 'failsInTheMiddle', mode).ending;
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'failed' });
    expect(stderr).toContain('[PROCESSOR_FAILED] processor');
  });

  it('crashes of a drain that rejects and is awaited', async () => {
    const { code, stderr } = await run('child.mjs', 'drainRejects', mode).ending;
    expect(code).toBe(1);
    expect(stderr).toContain('[PROCESSOR_FAILED] processor');
    expect(stderr).toContain("code: 'E_MINE'");
  });
});

describe('a process with threads', () => {
  it.each([
    ['outOfMemory', /^THREAD_DIED processor [01]$/],
    ['loops', /^stopped$/],
    ['failsToStart', /^MODULE_FAILED E_MINE$/],
    ['listenerThrows', /^(uncaught in a listener\nended|ended\nuncaught in a listener)$/],
  ])('ends by itself with code 0: %s', async (which, stdout) => {
    const ending = await run('child.mjs', which).ending;
    expect(ending.stdout, ending.stderr).toMatch(stdout);
    expect(ending).toMatchObject({ code: 0, signal: null });
  });

  it('can be CommonJS: require gives the same package as import', async () => {
    const { code, stdout, stderr } = await run('commonjs.cjs').ending;
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '3 true' });
  });

  it('runs two flows at a time, each with its own results', async () => {
    const flows = await Promise.all([start(), start({ process: { export: 'repeat' } }), start({ mode: 'inline' })]);
    const [one, many, inline] = await Promise.all(
      flows.map(async (flow) => {
        const publishing = flow.publish(nums(40)).then(() => flow.drain());
        const items = await collect(flow.results());
        await publishing;
        return items;
      }),
    );
    expect(one).toEqual(nums(40));
    expect(inline).toEqual(nums(40));
    expect(many).toEqual(nums(40).flatMap(({ n }) => nums(n)));
  });

  it('runs a flow inside a worker thread, which then ends by itself', async () => {
    const worker = new Worker(fixture('in-worker.mjs'));
    const [[items], [code]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
    expect(items).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(code).toBe(0);
  });
});
