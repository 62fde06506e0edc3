import {
  createEventRing,
  createHandle,
  createLane,
  defineKind,
  expectBytes,
  type Handle,
  type Kind,
  LINE_BYTES,
  LINE_WORDS,
  openHandle,
  openLane,
  parameter,
} from 'native-free-rings';
import { describe, expect, test } from 'vitest';
// A second copy of the module, as where a package is installed twice.
import { defineKind as defineInSource } from '../../src/kind.ts';

const QUEUE = defineKind('test.queue');

/** Names with the same number, found by trying. */
const SAME_NUMBER = ['a.2dq8ax', 'a.5c8mze'] as const;

describe('a kind of memory that another package defines', () => {
  test('has the header of this package, with its parameters, and zeroed memory behind it', () => {
    const handle = createHandle(QUEUE, 2 * LINE_BYTES, [2, -1]);
    expect(handle.kind).toBe('test.queue');
    const words = openHandle(QUEUE, structuredClone(handle));
    expect([parameter(words, 0), parameter(words, 1), parameter(words, 2)]).toEqual([2, -1, 0]);
    expect(words.subarray(LINE_WORDS)).toEqual(new Int32Array(LINE_WORDS));
    expectBytes(QUEUE, words, parameter(words, 0) * LINE_BYTES);
  });

  test('is refused where another kind is meant, by names', () => {
    const queue = createHandle(QUEUE, 256, []) as never;
    const cases: [() => unknown, string, string][] = [
      [() => openHandle(defineKind('test.other'), queue), 'test.queue', 'test.other'],
      [() => openLane(queue), 'test.queue', 'lane'],
      [() => openHandle(QUEUE, createLane({ capacityBytes: 64 }) as never), 'lane', 'test.queue'],
      [() => openHandle(QUEUE, createEventRing({ capacity: 1 }) as never), 'eventRing', 'test.queue'],
    ];
    for (const [open, holds, meant] of cases) {
      expect(open).toThrow(`[WRONG_KIND] the buffer holds kind ${holds}, not ${meant}`);
    }
  });

  test('is refused by number where this thread does not know it', () => {
    const unknown = defineInSource('test.unknown');
    expect(() => openHandle(QUEUE, createHandle(unknown, 256, []) as never)).toThrow(
      `[WRONG_KIND] the buffer holds kind ${unknown.number}, of which this thread knows no name, not test.queue`,
    );
  });

  test('is refused like any other where its buffer is foreign, cut, of another version, or does not add up', () => {
    const open = (handle: unknown) => () => openHandle(QUEUE, handle as Handle<'test.queue'>);
    expect(open(undefined)).toThrow('[FOREIGN_BUFFER] not a handle of a test.queue');
    expect(open({ buffer: new SharedArrayBuffer(64) })).toThrow('[FOREIGN_BUFFER] 64 bytes are too few');
    expect(open({ buffer: new SharedArrayBuffer(256) })).toThrow('[FOREIGN_BUFFER]');
    const damaged = (word: number) => {
      const handle = createHandle(QUEUE, 256, []);
      new Int32Array(handle.buffer)[word] = 7;
      return handle;
    };
    expect(open(damaged(2))).toThrow('[WRONG_VERSION]');
    expect(open(damaged(3))).toThrow('[WRONG_SIZE]');
    expect(() => expectBytes(QUEUE, openHandle(QUEUE, createHandle(QUEUE, 256, [])), 128)).toThrow(
      '[WRONG_SIZE] the parameters of this test.queue need 128 bytes, not 256',
    );
  });
});

describe('defineKind', () => {
  test('gives one name one number, in every copy of the package, and other names others', () => {
    const names = ['test.queue', 'test.queue2', 'test.Queue', '@scope/package.kind', 'with.dots.kind'];
    expect(names.map((name) => defineKind(name))).toEqual(names.map((name) => defineInSource(name)));
    expect(defineKind('test.queue')).toEqual(QUEUE);
    expect(new Set(names.map((name) => defineKind(name).number)).size).toBe(names.length);
  });

  test.each([['lane'], ['eventRing'], [''], ['.kind'], ['package.'], ['a package.kind'], ['päckage.kind']])(
    'refuses the name %j: what has no package is ours',
    (name) => {
      expect(() => defineKind(name)).toThrow(
        `[BAD_OPTION] the name of a kind is ${name}; give PACKAGE.KIND, of ASCII characters without spaces`,
      );
    },
  );

  test.each([[undefined], [null], [5], [{}]])('refuses the name %j', (name) => {
    expect(() => defineKind(name as unknown as string)).toThrow(`[BAD_OPTION] the name of a kind is ${String(name)};`);
  });

  test('refuses a name with the number of another one, and says which', () => {
    const [one, other] = SAME_NUMBER;
    defineKind(one);
    expect(() => defineKind(other)).toThrow(
      /\[BAD_OPTION\] the kinds a\.\w+ and a\.\w+ have the same number, -?\d+: rename one of them/,
    );
    defineKind(one);
  });
});

describe('createHandle and openHandle refuse', () => {
  test.each([['lane'], [undefined], [null], [{}], [{ name: 'test.queue' }], [{ name: 'test.queue', number: 0.5 }]])(
    '%j as a kind',
    (kind) => {
      const refusal = `[BAD_OPTION] the kind is ${String(kind)}; give what defineKind returned`;
      expect(() => createHandle(kind as Kind, 256, [])).toThrow(refusal);
      expect(() => openHandle(kind as Kind, createHandle(QUEUE, 256, []))).toThrow(refusal);
    },
  );

  test.each([[0], [124], [130], [2 ** 31], [Number.NaN]])('%d bytes', (bytes) => {
    expect(() => createHandle(QUEUE, bytes, [])).toThrow(
      `[BAD_OPTION] bytes / 4 is ${bytes / 4}; give an integer from 32 to 536870911`,
    );
  });

  test('more parameters than the header holds', () => {
    createHandle(QUEUE, 256, new Array<number>(28).fill(1));
    expect(() => createHandle(QUEUE, 256, new Array<number>(29).fill(1))).toThrow(
      '[BAD_OPTION] number of parameters is 29; give an integer from 0 to 28',
    );
  });
});
