import { describe, expect, it } from 'vitest';
import { expectedAnswer } from '../dist/workloads/expected.js';
import { kernelOf, type Work } from '../dist/workloads/kernel.js';
import { fold, SETTINGS, sequential } from '../dist/workloads/w1.js';
import { dueAtUs, dueCount } from '../dist/workloads/w2.js';
import { sequential3 } from '../dist/workloads/w3.js';

describe('W1', () => {
  it.each(SETTINGS)('the plain loop over $N events at K = $K answers as published', ({ N, K, items, checksum }) => {
    expect(sequential(N, K)).toEqual({ items, checksum });
  });
});

describe('W2', () => {
  const schedule = { rate: 50_000, events: 100, startUs: 1_000 };

  it('has nothing due before its start, the first event at it, and all events in the end', () => {
    expect(dueCount(schedule, 999)).toBe(0);
    expect(dueCount(schedule, 1_000)).toBe(1);
    expect(dueCount(schedule, 1e9)).toBe(100);
  });

  it('counts an event as due from the very moment that it is scheduled for', () => {
    for (let seq = 0; seq < schedule.events; seq++) {
      expect(dueCount(schedule, dueAtUs(schedule, seq))).toBe(seq + 1);
    }
  });
});

describe('W3', () => {
  it('has a huge event in every hundred', () => {
    expect(sequential3(1_000, 500).items).toBe(10 * 500 + 990);
  });
});

describe('kernels', () => {
  const works: readonly [Work, number][] = [
    [{ kind: 'w1', K: 3 }, 5_000],
    [{ kind: 'w2' }, 200],
    [{ kind: 'w3', hugeItems: 1_000 }, 200],
  ];

  it.each(works)('%j emits what the plain loop folds, however it is cut', (work, events) => {
    const kernel = kernelOf(work);
    const out = new Int32Array(7);
    let checksum = 0;
    let items = 0;
    for (let seq = 0; seq < events; seq++) {
      const count = kernel.open(seq);
      for (let from = 0; from < count; from += out.length) {
        const to = Math.min(count, from + out.length);
        kernel.fill(out, 0, from, to);
        for (let i = 0; i < to - from; i++) checksum = fold(checksum, seq, out[i]!);
      }
      items += count;
    }
    expect({ checksum: checksum >>> 0, items }).toEqual(expectedAnswer(work, events));
  });
});
