/** I10: every option that is bad is refused at the door, with its value, its limit and the remedy, and all of them at once. */
import { availableParallelism } from 'node:os';
import { i32, struct, u32, value } from '@millrace/codec';
import { describe, expect, test } from 'vitest';
import { compileOptions } from '../../../src/flow/options.ts';
import { sequences } from '../../../src/flow/sequences.ts';
import { toRing } from '../../../src/flow/to-ring.ts';
import { MillraceError } from '../../../src/thread/errors.ts';

const GOOD = {
  pipeline: { source: u32 },
  module: new URL('file:///processor.js'),
  process: undefined,
  destination: toRing(),
  write: undefined,
  start: undefined,
};

function faultsOf(given: Partial<Record<keyof typeof GOOD, unknown>>): string {
  try {
    compileOptions({ ...GOOD, ...given });
  } catch (error) {
    expect(error).toBeInstanceOf(MillraceError);
    expect((error as MillraceError).code).toBe('BAD_OPTIONS');
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

const NUMBERS: [where: 'pipeline' | 'process' | 'toRing', option: string, least: number, most: number][] = [
  ['pipeline', 'capacity', 1, 2 ** 24],
  ['pipeline', 'dataBytes', 64, 2 ** 30],
  ['pipeline', 'producers', 0, 255],
  ['process', 'threads', 1, 254],
  ['process', 'laneBytes', 64, 2 ** 30],
  ['process', 'batchBytes', 16, 2 ** 28],
  ['process', 'warmUp', 0, 2 ** 31],
  ['process', 'nice', 0, 19],
  ['toRing', 'capacity', 1, 2 ** 24],
  ['toRing', 'dataBytes', 64, 2 ** 30],
  ['toRing', 'readers', 1, 256],
];

const give = (where: 'pipeline' | 'process' | 'toRing', option: string, given: unknown) => {
  if (where === 'pipeline') return { pipeline: { source: u32, [option]: given } };
  return where === 'process' ? { process: { [option]: given } } : { destination: toRing({ [option]: given }) };
};

describe('pipeline.startAt', () => {
  test('is refused where too few sequences are left for a source that goes on', () => {
    const startAt = Number.MAX_SAFE_INTEGER - 9;
    expect(faultsOf({ pipeline: { source: u32, startAt } })).toContain(
      `pipeline.startAt is ${startAt}, which leaves 9 sequences up to 2^53 - 1 for all events to come; at most 2^52`,
    );
    expect(faultsOf({ pipeline: { source: sequences(), startAt } })).toContain('which leaves 9 sequences');
    for (const bad of [-1, 0.5, '7', 2 ** 53])
      expect(faultsOf(give('pipeline', 'startAt', bad))).toContain('startAt is');
  });

  test('may be where the last of a known number of sequences is the last there is', () => {
    const startAt = Number.MAX_SAFE_INTEGER - 9;
    compileOptions({ ...GOOD, pipeline: { source: sequences(9), startAt } });
    compileOptions({ ...GOOD, pipeline: { source: u32, startAt: 2 ** 52 } });
  });
});

describe.each(NUMBERS)('%s.%s', (where, option, least, most) => {
  test.each([least - 1, most + 2, least + 0.5, Number.NaN, '7', null, -1, Number.POSITIVE_INFINITY])(
    'refuses %s',
    (bad) => {
      const message = faultsOf(give(where, option, bad));
      expect(message).toContain(`${where}.${option} is ${typeof bad === 'string' ? JSON.stringify(bad) : bad}`);
      expect(message).toContain(`give an integer from ${least} to ${most}`);
    },
  );

  test('takes its limits', () => {
    compileOptions({ ...GOOD, ...give(where, option, least) });
    compileOptions({ ...GOOD, ...give(where, option, most) });
  });
});

describe.each(['ticketMs', 'graceMs', 'stallMs', 'startTimeoutMs'])('pipeline.%s', (option) => {
  test.each([-1, Number.NaN, Number.NEGATIVE_INFINITY, '5'])('refuses %s', (bad) => {
    expect(faultsOf({ pipeline: { source: u32, [option]: bad } })).toMatch(
      new RegExp(`pipeline\\.${option} is "?${bad}"?; give milliseconds, [\\d.]+ or more`),
    );
  });

  test('takes what is longer than a timer, and Infinity where a wait may have no end', () => {
    compileOptions({ ...GOOD, pipeline: { source: u32, [option]: 2 ** 31 } });
    const endless = { ...GOOD, pipeline: { source: u32, [option]: Number.POSITIVE_INFINITY } };
    if (option === 'ticketMs') expect(() => compileOptions(endless)).toThrow('ticketMs is Infinity');
    else compileOptions(endless);
  });
});

describe('other options that are bad', () => {
  test.each([
    [
      'a source that is no codec',
      { pipeline: { source: 5 } },
      'pipeline.source is 5; give a codec such as struct({ … }), or sequences(n)',
    ],
    ['no source', { pipeline: {} }, 'pipeline.source'],
    ['no pipeline options', { pipeline: undefined }, 'pipeline.source'],
    [
      'a wait strategy that there is not',
      { pipeline: { source: u32, wait: 'sleep' } },
      `pipeline.wait is "sleep"; give 'adaptive', 'park' or 'spin'`,
    ],
    ['a name that is no text', { pipeline: { source: u32, name: 5 } }, 'pipeline.name is 5; give a string'],
    ['an export that is no text', { process: { export: {} } }, 'process.export is [object Object]; give a string'],
    [
      'an option that there is not',
      { pipeline: { source: u32, capcity: 5 } },
      'pipeline.capcity is not an option; the options are: source, capacity',
    ],
    ['a mode that is none', { start: { mode: 'inlin' } }, "start.mode is \"inlin\"; give 'threads' or 'inline'"],
    ['a signal that is none', { start: { signal: {} } }, 'start.signal is [object Object]; give an AbortSignal'],
    [
      'an option of start that is none',
      { start: { mod: 'inline' } },
      'start.mod is not an option; the options are: mode',
    ],
    ['an option of another place', { process: { capacity: 5 } }, 'process.capacity is not an option'],
    [
      'one of toRing',
      { destination: toRing({ size: 5 } as never) },
      'toRing.size is not an option; the options are: capacity',
    ],
    [
      'one of the writer',
      { destination: new URL('file:///w.js'), write: { threads: 2 } },
      'write.threads is not an option',
    ],
    [
      'a codec of toRing that is none',
      { destination: toRing({ codec: {} as never }) },
      'toRing.codec is [object Object]; give the codec of the items',
    ],
    ...[0, -1, 1.5, Number.NaN, '4', 5].map((readyAt): [string, object, string] => [
      `toRing.readyAt of ${String(readyAt)}, in a ring of 4`,
      { destination: toRing({ capacity: 3, readyAt: readyAt as number }) },
      readyAt === 5
        ? 'toRing.readyAt is 5 items, and the ring holds 4; give 1 to 4, or a part of it between 0 and 1'
        : 'give a number of items, an integer from 1 to the capacity, or a part of the capacity between 0 and 1',
    ]),
    ['execArgv that is no list', { process: { execArgv: '--x' } }, 'process.execArgv has to be an array of strings'],
    [
      'resourceLimits that are no numbers',
      { process: { resourceLimits: 5 } },
      'process.resourceLimits has to be an object of numbers',
    ],
    ['a function as a processor', { module: () => {} }, 'Functions cannot be sent to threads'],
    [
      'no processor',
      { module: undefined },
      `process got undefined; give the URL of a module, new URL('./module.js', import.meta.url)`,
    ],
    [
      'a relative path',
      { module: './processor.js' },
      'process got the module "./processor.js"; give an absolute path or URL',
    ],
    ['no destination', { destination: undefined }, 'write got undefined; give the URL of a module'],
    ['a destination that is none', { destination: 7 }, 'a function, or toRing({ … })'],
    [
      'a capacity of sequences(n)',
      { pipeline: { source: sequences(5), capacity: 5 } },
      'pipeline.capacity is for a ring of events',
    ],
    [
      'producers of bare sequences',
      { pipeline: { source: sequences(), producers: 1 } },
      'pipeline.producers is for a ring of events',
    ],
  ])('%s', (_what, given, message) => {
    expect(faultsOf(given)).toContain(message);
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 53, '5'])('sequences(%s)', (count) => {
    expect(() => sequences(count as number)).toThrow(
      `sequences(${count}); give how many there are, an integer from 0 to 2^53 - 1`,
    );
  });

  test('are all named at once', () => {
    const message = faultsOf({
      pipeline: { source: 1, capacity: 0, wait: 'x', nonsense: true },
      module: 5,
      process: { threads: 0, laneBytes: 1 },
      destination: toRing({ capacity: -1, readers: 1_000 }),
      write: { data: 1, wrong: 2 },
    });
    expect(message).toMatch(/^\[BAD_OPTIONS\] 10 options cannot be used:\n/);
    for (const option of [
      'pipeline.source',
      'pipeline.capacity',
      'pipeline.wait',
      'pipeline.nonsense',
      'process got',
      'process.threads',
      'process.laneBytes',
      'toRing.capacity',
      'toRing.readers',
      'write.wrong',
    ]) {
      expect(message).toContain(`  - ${option}`);
    }
  });

  test('are shown short, however long they are', () => {
    expect(faultsOf({ pipeline: { source: u32, wait: 'x'.repeat(10_000) } }).length).toBeLessThan(300);
  });
});

describe('options that are good', () => {
  test('have defaults', () => {
    const options = compileOptions(GOOD);
    expect(options).toMatchObject({
      name: 'millrace',
      wait: 'adaptive',
      startAt: 0,
      processors: availableParallelism(),
      laneBytes: 1_048_576,
      batchBytes: 16_384,
      warmUp: 0,
      nice: 0,
      ticketMs: 2,
      startTimeoutMs: 60_000,
      graceMs: 1_000,
      source: { kind: 'ring', capacity: 4_096, producers: 0 },
      module: { url: 'file:///processor.js', exportName: 'default', data: undefined },
      writer: { kind: 'ring', capacity: 4_096, readers: 8 },
    });
  });

  test('keep a batch within a quarter of the lane', () => {
    expect(compileOptions({ ...GOOD, process: { laneBytes: 64 } }).batchBytes).toBe(16);
    expect(compileOptions({ ...GOOD, process: { laneBytes: 4_096, batchBytes: 2_000 } }).batchBytes).toBe(1_024);
  });

  test('pass through to threads only what was given', () => {
    expect(compileOptions(GOOD).processorThread).toEqual({});
    const env = { A: 'b' };
    expect(compileOptions({ ...GOOD, process: { env } }).processorThread).toEqual({ env });
  });

  test('take a module by URL, by its text, or by an absolute path', () => {
    // As jsdom's and another realm's.
    const foreign = { href: 'file:///a/b.js', [Symbol.toStringTag]: 'URL' };
    for (const module of [new URL('file:///a/b.js'), foreign, 'file:///a/b.js', '/a/b.js']) {
      expect(compileOptions({ ...GOOD, module }).module.url).toBe('file:///a/b.js');
    }
  });

  test.each([i32, struct({ a: u32 }), value(), sequences(7), sequences()])('take each kind of source', (source) => {
    expect(() => compileOptions({ ...GOOD, pipeline: { source } })).not.toThrow();
  });
});

test('options are an object, and nothing that only looks like one without any', () => {
  for (const none of [[], null, new Map(), new Date(0), 5, 'threads']) {
    expect(faultsOf({ process: none })).toMatch(/process got .*; give an object with options/);
    expect(faultsOf({ destination: toRing(none as never) })).toMatch(/toRing got .*; give an object with options/);
  }
  expect(faultsOf({ destination: { kind: 'writer' } })).toContain('write got undefined; give the URL of a module');
});
