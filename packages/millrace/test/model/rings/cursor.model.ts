import { model, own } from '@millrace/interleave';
import { CURSOR_WORDS, Cursor, SharedCursor } from 'native-free-rings';
import { allocate, viewI32 } from '#atomics';
import { attached, expect, expectSame } from '../support/attached.ts';

/**
 * Cursor: a look returns a sequence that was published, and never an earlier one than the look before; what was written
 * before it was published is visible (no race). Starts just below a wrap of its word.
 */
function setup(start: number) {
  const words = viewI32(allocate(64));
  Cursor.init(words, 0, start);
  own(words, 0, 'owner', CURSOR_WORDS);
  own(words, 8, 'owner', 8);
  return { words, owner: attached(new Cursor(words, 0)), reader: attached(new Cursor(words, 0)) };
}
type Shared = ReturnType<typeof setup>;

function publishAll({ owner, words }: Shared, values: readonly number[]): void {
  const cursor = owner();
  for (const [i, value] of values.entries()) {
    words[8 + i] = i + 1;
    cursor.publish(value);
  }
}

const isOneOf = (values: readonly number[], value: number): void =>
  expect(values.includes(value), `looked up ${value}, published were ${values.join(', ')}`);

function watched(name: string, start: number, values: readonly number[], looks: number) {
  return model<Shared>({
    name,
    setup: () => setup(start),
    threads: {
      owner: (shared) => publishAll(shared, values),
      reader({ reader, words }) {
        const cursor = reader();
        let before = start;
        for (let i = 0; i < looks; i++) {
          const value = cursor.load();
          isOneOf([start, ...values], value);
          expect(value >= before, `looked up ${value} after ${before}`);
          const data = values.indexOf(value);
          if (data >= 0) expect(words[8 + data] === data + 1, 'what was written before publish is not there');
          before = value;
        }
      },
    },
  });
}

const UNIT = 2 ** 30;
const ROUNDS = [2 * UNIT, 3 * UNIT + 5, 4 * UNIT, 5 * UNIT, 7 * UNIT - 2];
const LEAPS = [7 * UNIT - 1, 7 * UNIT + 1, 7 * UNIT + 1000, 8 * UNIT - 3];

interface SharedBy {
  readonly words: ReturnType<typeof viewI32>;
  readonly movers: readonly (() => SharedCursor)[];
  readonly reader: () => Cursor;
}

/** Moves the cursor on by one, twice. Returns from where. */
function takeTwo(cursor: SharedCursor): number[] {
  return [0, 1].map(() => {
    for (;;) {
      const seen = cursor.loadFar();
      if (cursor.tryMove(seen + 1)) return seen;
    }
  });
}

const isWithin = (value: number, least: number, most: number): void =>
  expect(value >= least && value <= most, `looked up ${value}, which is not from ${least} to ${most}`);

/** The one assumption: 2^30 sequences do not pass between the two loads of one look. */
export const cursors = [
  watched('cursor: wrap at 2^31', 2 ** 31 - 2, [2 ** 31 - 1, 2 ** 31, 2 ** 31 + 3], 3),
  watched('cursor: wrap at 2^32', 2 ** 32 - 2, [2 ** 32 - 1, 2 ** 32, 2 ** 32 + 3], 3),
  model<Shared>({
    name: 'cursor: near word, for who attaches late and who has not looked for long',
    setup() {
      const shared = setup(UNIT);
      const owner = shared.owner();
      for (const value of ROUNDS) owner.publish(value);
      return { ...shared, owner: attached(owner) };
    },
    threads: {
      owner: (shared) => publishAll(shared, LEAPS),
      late: ({ words }) => isOneOf([7 * UNIT - 2, ...LEAPS], new Cursor(words, 0).peek()),
      rare({ reader }) {
        const cursor = reader();
        isOneOf([7 * UNIT - 2, ...LEAPS], cursor.loadFar());
        isOneOf([7 * UNIT - 2, ...LEAPS], cursor.loadFar());
      },
    },
    after: ({ words }) => isOneOf([LEAPS.at(-1)!], new Cursor(words, 0).peek()),
  }),

  model<SharedBy>({
    name: 'cursor: two threads move it on, over a near word',
    setup() {
      const words = viewI32(allocate(64));
      Cursor.init(words, 0, 5 * UNIT - 2);
      own(words, 0, ['one', 'other'], CURSOR_WORDS);
      return {
        words,
        movers: [0, 1].map(() => attached(new SharedCursor(words, 0))),
        reader: attached(new Cursor(words, 0)),
      };
    },
    threads: {
      one: ({ movers }) => takeTwo(movers[0]!()),
      other: ({ movers }) => takeTwo(movers[1]!()),
      rare({ reader }) {
        const cursor = reader();
        const first = cursor.loadFar();
        isWithin(first, 5 * UNIT - 2, 5 * UNIT + 2);
        isWithin(cursor.loadFar(), first, 5 * UNIT + 2);
      },
    },
    after({ words }, { results }) {
      const taken = [...(results.one as number[]), ...(results.other as number[])].sort((a, b) => a - b);
      expectSame(
        'what was taken',
        taken,
        [0, 1, 2, 3].map((i) => 5 * UNIT - 2 + i),
      );
      const cursor = new SharedCursor(words, 0);
      isWithin(cursor.peek(), 5 * UNIT + 2, 5 * UNIT + 2);
      for (const value of [6 * UNIT, 7 * UNIT, 8 * UNIT + 3, 8 * UNIT]) cursor.raise(value);
      isWithin(new Cursor(words, 0).peek(), 8 * UNIT + 3, 8 * UNIT + 3);
    },
    options: { preemptions: 3 },
    long: { preemptions: 4 },
  }),
];
