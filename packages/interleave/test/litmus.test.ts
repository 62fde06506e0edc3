import { describe, expect, test } from 'vitest';
import { add, load, racyLoad, store, type Words } from '../src/atomics.ts';
import { check } from '../src/check.ts';
import type { ThreadBody } from '../src/model.ts';
import { words } from './support/words.ts';

/** Litmus tests of the JavaScript memory model: its atomics are sequentially consistent. x is word 0, y is word 1. */
const X = 0;
const Y = 1;

interface Litmus {
  readonly name: string;
  readonly threads: ThreadBody<Words>[];
  /** What is observed: results of the threads, or the final memory. */
  readonly memory?: boolean;
  readonly allowed: string[];
}

const both = (first: number, second: number) => `${first}${second}`;

const tests: Litmus[] = [
  {
    name: 'SB, store buffering: not both see the old value',
    threads: [
      (w) => {
        store(w, X, 1);
        return load(w, Y);
      },
      (w) => {
        store(w, Y, 1);
        return load(w, X);
      },
    ],
    allowed: ['0 1', '1 0', '1 1'],
  },
  {
    name: 'MP, message passing: the flag comes after the data',
    threads: [
      (w) => {
        store(w, X, 1);
        store(w, Y, 1);
      },
      (w) => both(load(w, Y), load(w, X)),
    ],
    allowed: ['00', '01', '11'],
  },
  {
    name: 'LB, load buffering: not both see the later store',
    threads: [
      (w) => {
        const seen = load(w, X);
        store(w, Y, 1);
        return seen;
      },
      (w) => {
        const seen = load(w, Y);
        store(w, X, 1);
        return seen;
      },
    ],
    allowed: ['0 0', '0 1', '1 0'],
  },
  {
    name: 'IRIW, independent reads of independent writes: the readers agree on the order',
    threads: [
      (w) => store(w, X, 1),
      (w) => store(w, Y, 1),
      (w) => both(load(w, X), load(w, Y)),
      (w) => both(load(w, Y), load(w, X)),
    ],
    allowed: ['00', '01', '10', '11']
      .flatMap((first) => ['00', '01', '10', '11'].map((second) => `${first} ${second}`))
      .filter((outcome) => outcome !== '10 10'),
  },
  {
    name: '2+2W: not both first stores survive',
    threads: [
      (w) => {
        store(w, X, 1);
        store(w, Y, 2);
      },
      (w) => {
        store(w, Y, 1);
        store(w, X, 2);
      },
    ],
    memory: true,
    allowed: ['1 2', '2 1', '2 2'],
  },
  {
    name: 'CoRR, coherence: two reads do not go back',
    threads: [(w) => store(w, X, 1), (w) => both(load(w, X), load(w, X))],
    allowed: ['00', '01', '11'],
  },
  {
    name: 'WRC, write to read causality',
    threads: [
      (w) => store(w, X, 1),
      (w) => {
        const seen = load(w, X);
        store(w, Y, seen);
      },
      (w) => both(load(w, Y), load(w, X)),
    ],
    allowed: ['00', '01', '11'],
  },
  {
    name: 'an increment by load and store is lost, one by add is not',
    threads: [
      (w) => {
        store(w, X, load(w, X) + 1);
        add(w, Y, 1);
      },
      (w) => {
        store(w, X, load(w, X) + 1);
        add(w, Y, 1);
      },
    ],
    memory: true,
    allowed: ['1 2', '2 2'],
  },
  {
    name: 'racy CoRR: plain reads may go back',
    threads: [(w) => store(w, X, 1), (w) => both(racyLoad(w, X), racyLoad(w, X))],
    allowed: ['00', '01', '10', '11'],
  },
  {
    name: 'racy SB: plain reads may both be old',
    threads: [
      (w) => {
        store(w, X, 1);
        return racyLoad(w, Y);
      },
      (w) => {
        store(w, Y, 1);
        return racyLoad(w, X);
      },
    ],
    allowed: ['0 0', '0 1', '1 0', '1 1'],
  },
  {
    name: 'racy MP: after an atomic load of the flag a plain read is not stale',
    threads: [
      (w) => {
        store(w, X, 1);
        store(w, Y, 1);
      },
      (w) => both(load(w, Y), racyLoad(w, X)),
    ],
    allowed: ['00', '01', '11'],
  },
];

describe.each(['dpor', 'states', 'naive'] as const)('litmus tests, search %s', (search) => {
  test.each(tests)('$name', async ({ name, threads, memory, allowed }) => {
    const report = await check<Words>(
      {
        name,
        setup: words(2),
        threads,
        after: (w, { results }) =>
          memory
            ? `${load(w, X)} ${load(w, Y)}`
            : Object.values(results)
                .filter((result) => result !== undefined)
                .join(' '),
      },
      { search },
    );
    expect(report.failure).toBeNull();
    expect([...report.outcomes.keys()].sort()).toEqual(allowed);
  });
});
