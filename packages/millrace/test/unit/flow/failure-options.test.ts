/** I10 for the options that say what happens on failure; and what they are compiled to. */
import { u32 } from '@millrace/codec';
import { describe, expect, test } from 'vitest';
import { compileOptions } from '../../../src/flow/options.ts';
import { toRing } from '../../../src/flow/to-ring.ts';
import { pauseBefore } from '../../../src/thread/failure-policy.ts';

const compile = (pipeline: object = {}, process: object = {}, write: object = {}) =>
  compileOptions({
    pipeline: { source: u32, ...pipeline },
    module: new URL('file:///processor.js'),
    process,
    destination: toRing(),
    write,
  });

const POLICY =
  "has to be 'stop', 'retry', 'dead-letter', or an object with attempts, delayMs, factor, maxDelayMs, jitter and otherwise";

describe('bad options', () => {
  test.each([
    [{ restarts: [] }, {}, {}, 'pipeline.restarts is [object Array]; give an object'],
    [{}, {}, { onNack: new Date(0) }, `write.onNack ${POLICY}`],
    [{ restarts: { max: -1 } }, {}, {}, 'pipeline.restarts.max is -1; give a number, 0 or more'],
    [{ restarts: { perEvent: 0 } }, {}, {}, 'pipeline.restarts.perEvent is 0; give a number, 1 or more'],
    [{ restarts: { withinMs: '5' } }, {}, {}, 'pipeline.restarts.withinMs is 5; give a number, 0 or more'],
    [{ deadLetters: 5 }, {}, {}, 'pipeline.deadLetters has to be a function that takes a dead letter'],
    [{ stallMs: -1 }, {}, {}, 'pipeline.stallMs is -1; give milliseconds, 0 or more'],
    [{}, { onError: 'again' }, {}, `process.onError ${POLICY}`],
    [{}, {}, { onNack: 5 }, `write.onNack ${POLICY}`],
    [{}, { onError: 'dead-letter' }, {}, 'process.onError gives events up, and pipeline.deadLetters is missing'],
    [
      {},
      {},
      { onNack: { otherwise: 'dead-letter' } },
      'write.onNack gives items up, and pipeline.deadLetters is missing',
    ],
  ])('%o, %o, %o', (pipeline, process, write, message) => {
    expect(() => compile(pipeline, process, write)).toThrow(message);
  });

  test.each([
    { attempts: -1 },
    { factor: 0.5 },
    { jitter: 1.1 },
    { delayMs: Number.NaN },
    { otherwise: 'retry' },
    { tries: 5 },
  ])('of a policy: %o', (onNack) =>
    expect(() => compile({}, {}, { onNack })).toThrow(
      /\[BAD_OPTIONS\] one option cannot be used:\n {2}- write\.onNack/,
    ),
  );
});

test('options have defaults', () => {
  const stop = { attempts: 0, otherwise: 'stop' };
  expect(compile()).toMatchObject({
    onError: stop,
    onNack: { attempts: 10, delayMs: 10, factor: 2, maxDelayMs: 1_000, jitter: 0.5, otherwise: 'stop' },
    restarts: { max: 10, withinMs: 60_000, delayMs: 10, perEvent: 3 },
    stallMs: 10_000,
  });
  expect(compile({}, { onError: 'retry' }).onError.attempts).toBe(10);
  expect(compile({}, {}, { onNack: 'stop' }).onNack).toMatchObject(stop);
});

test('by default something is tried again 10 times, within 2 to 4.5 seconds', () => {
  const { attempts, ...policy } = compile({}, { onError: 'retry' }).onError;
  const [most = 0, least = 0] = [0, 1].map((random) =>
    Array.from({ length: attempts }, (_, i) => pauseBefore({ ...policy, attempts }, i + 1, () => random)).reduce(
      (sum, pause) => sum + pause,
    ),
  );
  expect([least >= 2_000, most <= 4_500]).toEqual([true, true]);
});

test('pauses grow up to their cap, and jitter takes a share of them away', () => {
  const policy = { attempts: 9, delayMs: 10, factor: 3, maxDelayMs: 100, jitter: 0.4, otherwise: 'stop' } as const;
  const pauses = (random: number): number[] =>
    [1, 2, 3, 4, 5].map((attempt) => pauseBefore(policy, attempt, () => random));
  expect(pauses(0)).toEqual([10, 30, 90, 100, 100]);
  expect(pauses(1)).toEqual([6, 18, 54, 60, 60]);
  expect(pauseBefore({ ...policy, delayMs: 0 }, 5_000)).toBe(0);
  expect(pauseBefore({ ...policy, jitter: 0 }, 5_000)).toBe(100);
});
