import { describe, expect, test } from 'vitest';
import {
  add,
  allocate,
  copyBytes,
  load,
  notify,
  racyLoad,
  store,
  viewI32,
  viewU8,
  viewU16,
  type Words,
  wait,
} from '../src/atomics.ts';
import { check } from '../src/check.ts';
import type { ThreadBody } from '../src/model.ts';
import { joinThread } from '../src/words.ts';

/** Words 0 to 3, and the same bytes in other widths. */
interface Shared {
  readonly w: Words;
  readonly bytes: Uint8Array;
  readonly halves: Uint16Array;
}

function setup(): Shared {
  const buffer = allocate(16);
  return { w: viewI32(buffer), bytes: viewU8(buffer), halves: viewU16(buffer) };
}

async function raceOf(...threads: ThreadBody<Shared>[]): Promise<string | null> {
  const { failure } = await check({ name: 'racing', setup, threads }, { timeouts: true });
  if (failure !== null) expect(failure.kind).toBe('race');
  return failure?.message ?? null;
}

const write = (s: Shared) => {
  s.w[2] = 7;
};

describe('data races that are found', () => {
  test('two plain accesses, with both source lines', async () => {
    const message = await raceOf(write, (s) => s.w[2]);
    expect(message).toMatch(/1 reads plainly what was written plainly by 0, at @8/);
    expect(message).toMatch(/\(1 at .*races\.test\.ts:\d+:\d+; 0 at .*races\.test\.ts:\d+:\d+\)/);
  });
  test('two plain writes', async () => expect(await raceOf(write, write)).toMatch(/writes plainly what was written/));
  test('a plain write of what is loaded atomically', async () =>
    expect(await raceOf(write, (s) => load(s.w, 2))).not.toBeNull());
  test('a plain read of what is stored atomically', async () =>
    expect(
      await raceOf(
        (s) => store(s.w, 2, 1),
        (s) => s.w[2],
      ),
    ).not.toBeNull());
  test('views of different width that share a byte', async () => {
    const message = await raceOf(
      (s) => {
        s.bytes[9] = 1;
      },
      (s) => s.halves[4],
    );
    expect(message).toMatch(/at @8 \+ 1,/);
  });
  test('a copy over the edge', async () =>
    expect(await raceOf(write, (s) => copyBytes(new Uint8Array(9), 0, s.bytes, 0, 9))).toMatch(/at @8,/));
  test('publish before write', async () =>
    expect(
      await raceOf(
        (s) => {
          store(s.w, 0, 1);
          write(s);
        },
        (s) => (load(s.w, 0) === 1 ? s.w[2] : 0),
      ),
    ).not.toBeNull());
  test('a flag that another thread overwrote publishes nothing of the first one', async () =>
    expect(
      await raceOf(
        (s) => {
          write(s);
          store(s.w, 0, 1);
        },
        (s) => store(s.w, 0, 2),
        (s) => (load(s.w, 0) === 2 ? s.w[2] : 0),
      ),
    ).not.toBeNull());
  test('a racy load orders nothing', async () =>
    expect(
      await raceOf(
        (s) => {
          write(s);
          store(s.w, 0, 1);
        },
        (s) => (racyLoad(s.w, 0) === 1 ? s.w[2] : 0),
      ),
    ).not.toBeNull());
  test('a racy load of a word that is written plainly', async () =>
    expect(await raceOf(write, (s) => racyLoad(s.w, 2))).not.toBeNull());
});

describe('no data race', () => {
  test('reads', async () =>
    expect(
      await raceOf(
        (s) => s.w[2],
        (s) => s.w[2],
      ),
    ).toBeNull());
  test('neighbouring bytes', async () =>
    expect(
      await raceOf(
        (s) => {
          s.bytes[9] = 1;
        },
        (s) => s.bytes[10],
        (s) => s.bytes[8],
      ),
    ).toBeNull());
  test('atomic accesses among each other, and a racy load', async () =>
    expect(
      await raceOf(
        (s) => store(s.w, 0, 1),
        (s) => load(s.w, 0),
        (s) => racyLoad(s.w, 0),
      ),
    ).toBeNull());
  test('message passing', async () =>
    expect(
      await raceOf(
        (s) => {
          write(s);
          store(s.w, 0, 1);
        },
        (s) => (load(s.w, 0) === 1 ? s.w[2] : 0),
      ),
    ).toBeNull());
  test('message passing through a read-modify-write of another thread', async () =>
    expect(
      await raceOf(
        (s) => {
          write(s);
          store(s.w, 0, 1);
        },
        (s) => add(s.w, 0, 1),
        (s) => (load(s.w, 0) === 2 ? s.w[2] : 0),
      ),
    ).toBeNull());
  test('what a notify passes to the thread that it wakes', async () =>
    expect(
      await raceOf(
        (s) => {
          write(s);
          notify(s.w, 0);
        },
        (s) => (wait(s.w, 0, 0, 100) === 'ok' ? s.w[2] : 0),
      ),
    ).toBeNull());
  test('what is read after the end of the writer', async () =>
    expect(
      await raceOf(write, (s) => {
        joinThread('0');
        return s.w[2];
      }),
    ).toBeNull());
});
