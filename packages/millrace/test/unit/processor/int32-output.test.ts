/** The output of i32 ends its runs by itself and tells the lane later. It writes what any output of numbers writes. */
import { i32 } from '@millrace/codec';
import { expect, test } from 'vitest';
import type { AnyOutput } from '../../../src/processor/output.ts';
import { COUNTER, Counters, createCounters } from '../../../src/thread/counters.ts';
import { randomBy } from '../../support/hand-flow.ts';
import { outputOf } from '../../support/output-lane.ts';

const SEEDS = 300;
const SIZES = [64, 128, 256, 1_024, 4_096];

function emitAll(output: AnyOutput, random: () => number, sequence: number, count: number): void {
  for (let done = 0; done < count; ) {
    if (random() < 0.5) output.emit(sequence * 1_000 + done++);
    else {
      const room = output.claim(1 + Math.floor(random() * (count - done)));
      const { items, begin } = output as unknown as { items: Int32Array; begin: number };
      const used = Math.min(Math.floor(random() * (room + 1)), count - done);
      for (let i = 0; i < used; i++) items[begin + i] = sequence * 1_000 + done + i;
      output.commit(used);
      done += used;
    }
  }
}

/** What a processor's thread may do to its output between two tickets, by chance. */
function play(seed: number, isOnly: boolean): unknown {
  const random = randomBy(seed);
  const laneBytes = SIZES[Math.floor(random() * SIZES.length)]!;
  const batchBytes = 4 * (1 + Math.floor((random() * laneBytes) / 16));
  const start = random() < 0.3 ? 2 ** 32 - 64 : 0;
  const { output, take, counts } = outputOf(i32 as never, { laneBytes, batchBytes, isOnly, start });
  const counters = new Counters(createCounters(1), 0);
  let used = 0;
  for (let sequence = 0; sequence < 60; ) {
    const end = Math.min(60, sequence + 1 + Math.floor(random() * 20));
    output.open();
    for (; sequence < end; sequence++) {
      output.current = sequence;
      const count = random() < 0.3 ? 0 : Math.floor(random() * (random() < 0.1 ? 200 : 4));
      if (random() < 0.05) {
        // It fails, and is tried again.
        emitAll(output as never, random, sequence, count);
        const had = output.discard();
        output.close();
        if (had > 0) output.rewind(sequence);
        output.open();
      }
      emitAll(output as never, random, sequence, count);
      output.finish();
      used += count;
      if (random() < 0.1) output.publish(sequence + 1);
      if (random() < 0.1) take();
    }
    output.close();
    if (output.covered !== sequence) output.progress(sequence);
    output.publish(sequence);
    output.count(counters);
  }
  const seen = take();
  expect(seen.flatMap(({ items }) => items).length).toBeGreaterThanOrEqual(used);
  return [seen, counts.filled, output.covered, counters.get(COUNTER.items), counters.get(COUNTER.batches)];
}

test('writes what any other output of numbers writes', () => {
  for (let seed = 1; seed <= SEEDS; seed++) expect(play(seed, true), `seed ${seed}`).toEqual(play(seed, false));
});

test('takes back what was committed and not shown, on its own entries as well', () => {
  const { output, take } = outputOf(i32 as never, { laneBytes: 1_024 });
  output.rehearse();
  for (let sequence = 0; sequence < 500; sequence++) {
    output.current = sequence;
    output.emit(sequence);
    output.finish();
  }
  output.forget();
  output.current = 7;
  output.emit(-7);
  output.finish();
  output.current = 8;
  output.emit(-8);
  output.finish();
  expect(take().flatMap(({ items }) => items)).toEqual([-7, -8]);
});
