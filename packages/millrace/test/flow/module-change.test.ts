/** A module has to declare the same on every thread, at the start and for every successor. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cleanUp, fixture, liveThreads, nums, refusal, start } from '../support/lifecycle.ts';

cleanUp();

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The module that changes its `what` at load `at`, from 0. */
function changing(what: string, at: number): URL {
  const url = new URL(fixture('x.mjs').href.replace('lifecycle-x', 'changing'));
  url.search = new URLSearchParams({ what, at: String(at), counter: join(folder, 'loads') }).toString();
  return url;
}

describe('a successor that declares something else fails the flow, and is not taken for a death', () => {
  it.each([
    ['input', 'CODEC_MISMATCH', '`input` is struct { n: f64 }; for the thread before it, it was struct { n: i32 }'],
    ['output', 'CODEC_MISMATCH', '`output` is struct { n: f64 }; for the thread before it, it was struct { n: i32 }'],
    ['interested', 'BAD_MODULE', '`interested` is a function with length 0; for the thread before it, it was absent'],
    [
      'process',
      'BAD_MODULE',
      '`process` is a function with length 1; for the thread before it, it was a function with length 2',
    ],
    ['kind', 'BAD_MODULE', 'is not a processor'],
  ] as const)('a processor: %s', async (what, code, message) => {
    const flow = await start({ module: changing(what, 1) });
    await flow.publish(nums(10));
    const error = await refusal(flow.drain(), code);
    expect(error.message).toContain(message);
    expect(error.thread).toBe('processor 0');
    expect(flow.stats().restarts).toBe(1);
    expect(liveThreads()).toBe(0);
  });

  it.each([
    ['writer input', 'CODEC_MISMATCH', '`input` is struct { n: f64 }'],
    ['commit', 'BAD_MODULE', '`commit` is a function with length 0; for the thread before it, it was absent'],
    ['commitItems', 'BAD_MODULE', '`commitItems` is 5; for the thread before it, it was absent'],
  ] as const)('a writer: %s', async (what, code, message) => {
    const flow = await start({ write: changing(what, 1), writeOptions: { export: 'store' } });
    await flow.publish(nums(10));
    const error = await refusal(flow.drain(), code);
    expect(error.message).toContain(message);
    expect(error.thread).toBe('writer');
    expect(flow.stats().restarts).toBe(1);
  });
});

it.each([
  ['output', 'CODEC_MISMATCH'],
  ['interested', 'BAD_MODULE'],
] as const)('threads that differ at the start are refused, which names them: %s', async (what, code) => {
  const error = await refusal(start({ module: changing(what, 1), process: { threads: 3 } }), code);
  expect(error.message).toMatch(/^\[\w+\] processor \d loaded file:.*, whose `\w+` is .*; for processor 0, it was/);
  expect(liveThreads()).toBe(0);
});
