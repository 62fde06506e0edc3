import { setImmediate } from 'node:timers/promises';
import { i32, u32 } from '@millrace/codec';
import { loadLaneRecords, openLane } from 'native-free-rings';
import { describe, expect, test } from 'vitest';
import { sequences } from '../../../src/flow/sequences.ts';
import { TicketIssuer } from '../../../src/order/ticket-issuer.ts';
import type { ProcessorDefinition } from '../../../src/processor/definition.ts';
import type { Output } from '../../../src/processor/output.ts';
import type { Cadence } from '../../../src/thread/cadence.ts';
import { HandFlow, randomBy } from '../../support/hand-flow.ts';

type Definition = ProcessorDefinition<unknown, unknown, unknown>;

/** How many of `events` are acknowledged when nobody has anything to do, all of them in one ticket that has more to come. */
async function acknowledgedOf(events: number, process: Definition['process']): Promise<number> {
  const flow = new HandFlow(
    { input: u32 as never, output: i32 as never, process },
    { pipeline: { source: u32 as never, capacity: 8 }, process: { threads: 1 }, write: () => {} },
    randomBy(1),
  );
  // The ticket is cut here.
  flow.coordinator.state = 'done';
  const issuer = new TicketIssuer(flow.plan.tickets);
  issuer.issue(8, 0);
  issuer.publish();
  for (let i = 0; i < events; i++) {
    expect(flow.publisher!.tryPublish(i)).toBe(true);
    for (let turn = 0; turn < 10; turn++) {
      flow.settle();
      await setImmediate();
    }
  }
  return flow.published;
}

test.each<[name: string, process: Definition['process']]>([
  ['an event without items', () => {}],
  ['an async event without items', async () => {}],
  ['an async event with items', async (event, output) => output.emit(event)],
])('%s is done as soon as it was computed, in the middle of a ticket', async (_name, process) => {
  expect(await acknowledgedOf(3, process)).toBe(3);
});

/** Of eight events in one ticket, whose costs so far were `learned`: how many records the lane showed as each began. */
async function shownBefore(learned: readonly [events: number, ms: number][]): Promise<number[]> {
  const shown: number[] = [];
  const flow: HandFlow = new HandFlow(
    {
      output: i32 as never,
      process(event, output) {
        shown.push(loadLaneRecords(openLane(flow.plan.lanes[0]!)));
        output.emit(event);
      },
    },
    { pipeline: { source: sequences(8) }, process: { threads: 1 }, write: () => {} },
    randomBy(1),
  );
  const issuer = new TicketIssuer(flow.plan.tickets);
  issuer.issue(8, 0);
  issuer.publish();
  const cycle = flow.processors[0]!.cycle as unknown as { doWork(): number; cadence: Cadence };
  for (let i = 0; i < 8; i++) cycle.cadence.learn(1_000, 0.1);
  for (const [events, ms] of learned) cycle.cadence.learn(events, ms);
  // All eight between two looks.
  cycle.cadence.interval = 8;
  while (shown.length < 8) cycle.doWork();
  return shown;
}

describe('finished output is not kept back', () => {
  const none = Array.from({ length: 8 }, () => 0);
  const each = Array.from({ length: 8 }, (_, i) => i);

  test('of cheap events it is shown at the next look', async () => {
    expect(await shownBefore([])).toEqual(none);
    expect(await shownBefore([[1_000, 0.999]])).toEqual(none);
  });

  test('of events of a microsecond or more it is shown before the next one begins', async () => {
    expect(await shownBefore([[1_000, 1]])).toEqual(each);
  });

  test('and so it is for a while after events whose costs have changed by more than ten times', async () => {
    const dear = [
      [1_000, 1.1],
      [1_000, 0.1],
    ] as [number, number][];
    expect(await shownBefore(dear)).toEqual(each);
    const even = Array.from({ length: 16 }, (): [number, number] => [1_000, 0.1]);
    expect(await shownBefore([...dear, ...even])).toEqual(none);
  });
});

describe('an output that outlives its event', () => {
  const turn = () => setImmediate();
  const play = async (process: Definition['process'], interested?: Definition['interested']) => {
    const flow = new HandFlow(
      { input: u32 as never, output: i32 as never, process, interested },
      {
        pipeline: { source: u32 as never, deadLetters: () => {} },
        process: { threads: 1, onError: { attempts: 1, delayMs: 0, otherwise: 'dead-letter' } },
        write: {},
      },
      randomBy(1),
    );
    await flow.finish([0, 1, 2, 3, 4, 5]);
    return flow;
  };
  const late = (output: Output<never>, told: unknown[], when: Promise<unknown>) =>
    when.then(() => {
      try {
        output.emit(1_000 as never);
      } catch (error) {
        told.push([output.sequence, (error as Error).message.replace(/:.*/, '')]);
      }
    });

  test('takes nothing more: neither the next event nor the next attempt gets its items', async () => {
    const told: unknown[] = [];
    const flow = await play(async (event, output) => {
      if (event === 1 || event === 3) {
        await Promise.all([Promise.reject(new Error('mine')), late(output, told, turn())]);
      }
      await turn();
      await turn();
      output.emit(event as never);
    });
    expect(flow.read).toEqual([0, 2, 4, 5]);
    expect(flow.letters.map(({ sequence, attempts }) => [sequence, attempts])).toEqual([
      [1, 2],
      [3, 2],
    ]);
    expect(told).toEqual(
      [
        [1, 1],
        [1, 2],
        [3, 1],
        [3, 2],
      ].map(([sequence, attempt]) => [
        sequence,
        `[EMIT_REFUSED] emit to the output of sequence ${sequence}, attempt ${attempt}, which has ended`,
      ]),
    );
  });

  test('throws between events where `process` is synchronous, and belongs to a later event within it', async () => {
    const told: unknown[] = [];
    let first: Output<never>;
    const flow = await play((event, output) => {
      first ??= output;
      first.emit(event as never);
      void late(output, told, Promise.resolve());
    });
    expect(flow.read).toEqual([0, 1, 2, 3, 4, 5]);
    expect(told).toHaveLength(6);
    for (const [, message] of told as [number, string][])
      expect(message).toContain('[EMIT_REFUSED] emit while this thread has no event in work');
  });

  test('throws in `interested`', async () => {
    let kept: Output<never> | undefined;
    const flow = await play(
      (event, output) => {
        kept = output;
        output.emit(event as never);
      },
      (event) => {
        if (event === 3) kept!.emit(1_000 as never);
        return event !== 2;
      },
    );
    expect(flow.read).toEqual([0, 1, 4, 5]);
    expect(flow.letters).toMatchObject([{ sequence: 3, attempts: 1, cause: { code: 'EMIT_REFUSED', sequence: 3 } }]);
  });
});
