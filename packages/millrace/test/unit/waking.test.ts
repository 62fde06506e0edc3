/** Wake-ups of whole flows that random play hardly ever needs. */
import { i32, u32 } from '@millrace/codec';
import { EventRingProducer } from 'native-free-rings';
import { expect, test } from 'vitest';
import { sequences } from '../../src/flow/sequences.ts';
import { CAUSES } from '../../src/thread/causes.ts';
import { COORDINATOR } from '../../src/thread/control-block.ts';
import { HandFlow, randomBy } from '../support/hand-flow.ts';

// Fails with: WriterCycle.endTicket wakes the coordinator for another cause.
test('a coordinator whose log is full is woken when the writer has drained a good part of it', async () => {
  const flow = new HandFlow(
    {
      output: i32 as never,
      process(sequence, out) {
        const until = performance.now() + 0.002;
        while (performance.now() < until);
        out.emit(sequence);
      },
    },
    {
      pipeline: { source: sequences(5_000), ticketMs: 0.001 },
      process: { threads: 2, laneBytes: 2 ** 20 },
      write: () => {},
    },
    randomBy(1),
  );
  const others = [flow.coordinator, ...flow.processors];
  while (others.some((player) => player.step()));
  expect(flow.control.eventcount(COORDINATOR).loadCause()).toBe(CAUSES.drained);
  // The writer is woken for the head and drains all; only then does the coordinator cut more.
  await flow.finish();
  expect(flow.published).toBe(5_000);
});

// Fails with: Publisher.endsWait does not call wakeShown.
test('what a shared ring shows of other producers before a wait wakes the processors', async () => {
  const flow = new HandFlow(
    { input: u32 as never, output: i32 as never, process: (event, out) => out.emit((event as number) | 0) },
    { pipeline: { source: u32 as never, capacity: 2, producers: 1 }, process: { threads: 2 }, write: { capacity: 8 } },
    randomBy(2),
  );
  flow.settle();
  const other = new EventRingProducer(flow.plan.source.ring!);
  const first = other.tryClaim();
  expect(flow.publisher!.tryPublish(11)).toBe(true);
  flow.settle();
  // It stands behind a claim that is open: nobody sees it yet.
  expect(flow.published).toBe(0);
  other.memory.u32[other.offsetOf(first) >> 2] = 10;
  other.commit();
  // The other one is set aside before it publishes. This one waits for room, and shows both.
  const waiting = flow.publisher!.publishOne(12);
  await new Promise((resolve) => setImmediate(resolve));
  flow.settle();
  expect(flow.published).toBe(2);
  await waiting;
  flow.settle();
  while (flow.take());
  expect(flow.read).toEqual([10, 11, 12]);
});

// Fails with: Publisher does not show after an event was refused.
test('an event that was refused in a shared ring holds up nothing', () => {
  const flow = new HandFlow(
    { input: u32 as never, output: i32 as never, process: (event, out) => out.emit((event as number) | 0) },
    { pipeline: { source: u32 as never, capacity: 4, producers: 1 }, process: { threads: 1 }, write: { capacity: 8 } },
    randomBy(3),
  );
  flow.settle();
  expect(() => flow.publisher!.tryPublish(-1)).toThrow('EVENT_REFUSED');
  flow.settle();
  expect(flow.published).toBe(1);
  expect(flow.publisher!.tryPublish(5)).toBe(true);
  flow.settle();
  while (flow.take());
  expect(flow.read).toEqual([5]);
  expect(flow.published).toBe(2);
});
