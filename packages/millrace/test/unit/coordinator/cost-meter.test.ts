import { expect, test } from 'vitest';
import { CostMeter } from '../../../src/coordinator/cost-meter.ts';
import { COUNTER, Counters, createCounters } from '../../../src/thread/counters.ts';

function meter() {
  const buffer = createCounters(3);
  const [writer, ...processors] = [0, 1, 2].map((thread) => new Counters(buffer, thread));
  return { writer: writer!, processors, meter: new CostMeter(processors, writer!) };
}

test('a sequence costs what all processors took, by half what it was before', () => {
  const { processors, meter: costs } = meter();
  costs.update();
  expect(costs.msPerSequence).toBeUndefined();
  for (const counters of processors) {
    counters.add(COUNTER.sequences, 50);
    counters.add(COUNTER.computingMs, 10);
  }
  costs.update();
  expect(costs.msPerSequence).toBe(0.2);
  processors[0]!.add(COUNTER.sequences, 100);
  processors[0]!.add(COUNTER.computingMs, 40);
  costs.update();
  expect(costs.msPerSequence).toBeCloseTo(0.3);
});

test('its output takes bytes of a lane, and each run an entry as well', () => {
  const { processors, meter: costs } = meter();
  const [counters] = processors;
  counters!.add(COUNTER.sequences, 100);
  counters!.add(COUNTER.bytes, 100 * 400);
  counters!.add(COUNTER.batches, 100);
  costs.update();
  expect(costs.bytesPerSequence).toBe(400);
  const small = meter();
  small.processors[0]!.add(COUNTER.sequences, 100);
  small.processors[0]!.add(COUNTER.bytes, 50 * 4);
  small.processors[0]!.add(COUNTER.batches, 50);
  small.meter.update();
  expect(small.meter.bytesPerSequence).toBe(32);
});

test('a batch takes the writer what its counters say', () => {
  const { writer, meter: costs } = meter();
  costs.update();
  expect(costs.msPerBatch).toBe(0);
  writer.add(COUNTER.batches, 10);
  writer.add(COUNTER.deliveringMs, 50);
  costs.update();
  expect(costs.msPerBatch).toBe(5);
  costs.update();
  expect(costs.msPerBatch).toBe(5);
});
