/**
 * Invariants that can be seen on one thread, flow played by hand. Each test names the change to the source that made it
 * fail when it was written ("Fails with").
 */
import { i32, struct, u32 } from '@millrace/codec';
import { EventRingProducer, LANE_ENTRY, LaneConsumer, LaneProducer, LINE_WORDS } from 'native-free-rings';
import { describe, expect, test } from 'vitest';
import { sequences } from '../../src/flow/sequences.ts';
import { TicketFollower } from '../../src/order/ticket-follower.ts';
import type { ProcessorDefinition } from '../../src/processor/definition.ts';
import { makeProcessor } from '../../src/processor/processor-life.ts';
import { COORDINATOR, FIRST_PROCESSOR, WRITER } from '../../src/thread/control-block.ts';
import { userDestination } from '../../src/writer/destination.ts';
import { makeWriter, writerParker } from '../../src/writer/writer-life.ts';
import { HandFlow, randomBy } from '../support/hand-flow.ts';

type Definition = ProcessorDefinition<unknown, unknown, unknown>;

/** Emits as many items as `counts` says, each the sequence. */
const emitter = (counts: (sequence: number) => number): Definition => ({
  output: i32 as never,
  process(sequence, out) {
    for (let i = counts(sequence as number); i > 0; i--) out.emit(sequence);
  },
});

describe('I2: the head never waits for memory', () => {
  // Fails with: TicketClaimer takes the last free ticket in place of the first.
  test('while every processor behind it stands in a full lane', async () => {
    const delivered: number[] = [];
    const flow = new HandFlow(
      emitter(() => 200),
      {
        pipeline: { source: sequences(40) },
        process: { threads: 4, laneBytes: 64 },
        write: (batch) => void delivered.push(...(batch.toArray() as number[])),
      },
      randomBy(1),
    );
    let blocked = 0;
    flow.onStep = () => {
      blocked = Math.max(blocked, flow.processors.filter(({ onStack }) => onStack).length);
      // The owner of the head's ticket has no earlier one behind which its items could stand.
      const follower = new TicketFollower(flow.plan.tickets);
      if (follower.look(flow.published)) expect(follower.begin).toBeLessThanOrEqual(flow.published);
    };
    await flow.finish();
    expect(blocked).toBeGreaterThan(1);
    expect(delivered).toEqual(Array.from({ length: 40 * 200 }, (_, i) => Math.floor(i / 200)));
  });
});

describe('I5: room is signalled in chunks', () => {
  // Fails with: makeProcessor asks for `lane.wantedHead(bytes, 0)` in place of a part of the lane.
  test.each([
    ['records', 16],
    ['bytes', 256],
  ])(
    'a processor in a lane without %s wants an eighth of it at least, and is not woken for less',
    async (_, runBytes) => {
      const [items, laneBytes] = [20_000, 4_096];
      const flow = new HandFlow(
        { output: struct({ a: u32, b: u32 }) as never, process: (_event, out) => emitMany(out, items) },
        {
          pipeline: { source: sequences(1) },
          process: { threads: 1, laneBytes, batchBytes: runBytes },
          write: () => {},
        },
        randomBy(2),
      );
      const lane = laneOf(flow.plan.lanes[0]!.buffer, laneBytes);
      const eighth = Math.ceil(lane.maxRecords / 8);
      let waits = 0;
      flow.onEmitWaits = (_processor, wanted) => {
        waits++;
        const tail = lane.loadTail();
        const freeBytes = laneBytes - (lane.endBefore(tail) - lane.endBefore(wanted));
        expect(freeBytes).toBeGreaterThanOrEqual(laneBytes / 8);
        expect(lane.maxRecords - (tail - wanted)).toBeGreaterThanOrEqual(eighth);
      };
      await flow.finish();
      expect(waits).toBeGreaterThan(10);
      expect(flow.counters(WRITER).items).toBe(items);
      const wakes = Math.max((items * 8) / (laneBytes / 8), (items * 8) / runBytes / eighth);
      expect(flow.counters(WRITER).wakes).toBeLessThan(wakes);
    },
  );
});

/** The words of a lane that say how much of it is in use. */
function laneOf(buffer: SharedArrayBuffer, laneBytes: number) {
  const words = new Int32Array(buffer);
  const { shift, begin, size, flagBits } = LANE_ENTRY;
  const index = 5 * LINE_WORDS;
  const entries = (words.length - index - laneBytes / 4) >> shift;
  return {
    maxRecords: entries - 1,
    loadTail: (): number => Atomics.load(words, LINE_WORDS),
    /** Where the payload of the record in front of `record` ends. */
    endBefore(record: number): number {
      const entry = index + (((record - 1) & (entries - 1)) << shift);
      return words[entry + begin]! + (words[entry + size]! >>> flagBits);
    },
  };
}

const emitMany = (out: { emit(item: unknown): void }, count: number): void => {
  for (let i = 0; i < count; i++) out.emit({ a: i, b: i });
};

describe('I7: one owner for each word', () => {
  const flowOf = () =>
    new HandFlow(
      { ...emitter(() => 3), input: u32 as never } as Definition,
      {
        pipeline: { source: u32 as never, capacity: 8 },
        process: { threads: 2, laneBytes: 4_096 },
        write: { capacity: 16 },
      },
      randomBy(3),
    );

  // Fails with: attachOnce returns at once.
  test('a lane has one producer and one consumer, a ring its producers', () => {
    const { plan } = flowOf();
    for (const lane of plan.lanes) {
      expect(() => new LaneProducer(lane)).toThrow('ALREADY_ATTACHED');
      expect(() => new LaneConsumer(lane)).toThrow('ALREADY_ATTACHED');
    }
    expect(() => new EventRingProducer(plan.source.ring!)).toThrow('NO_SLOT_LEFT');
    expect(() => new EventRingProducer(plan.destination!)).toThrow('NO_SLOT_LEFT');
  });

  test('a second processor or writer in the place of a living one is refused', () => {
    const { plan } = flowOf();
    const host = { pause: async () => {}, deadLetter: async () => {} };
    expect(() =>
      makeProcessor(
        emitter(() => 1),
        plan,
        0,
        { waitForRoom() {}, ...host },
      ),
    ).toThrow('ALREADY_ATTACHED');
    const destination = userDestination({ write() {} });
    expect(() => makeWriter(plan, destination, writerParker(plan), { recompute() {}, ...host })).toThrow(
      'ALREADY_ATTACHED',
    );
  });

  // Fails with: ProcessorCycle.show publishes the position of processor 0, whoever it is; WriterCycle also stores "issued".
  test('nobody stores into a word that is not its own', async () => {
    const flow = flowOf();
    const { plan } = flow;
    const line = LINE_WORDS;
    const owned: { words: Int32Array; owner: (word: number) => number | 'anyone' }[] = [
      {
        words: new Int32Array(plan.control.buffer),
        // Two lines of the main thread's, then one a thread: eventcount (anybody wakes), position, what it waits for.
        owner: (word) => (word < 2 * line ? -1 : word % line < 2 ? 'anyone' : Math.floor(word / line) - 2),
      },
      {
        words: new Int32Array(plan.tickets.buffer),
        owner: (word) => {
          if (word < line) return -1;
          if (word < 2 * line) return COORDINATOR;
          if (word < 4 * line) return WRITER;
          // The claim word passes from the coordinator to a processor.
          return (word - 4 * line) % 4 === 0 ? 'anyone' : COORDINATOR;
        },
      },
      ...plan.lanes.map((lane, i) => ({
        words: new Int32Array(lane.buffer),
        owner: (word: number) =>
          word < line ? -1 : word >= 2 * line && word < 3 * line ? WRITER : FIRST_PROCESSOR + i,
      })),
      {
        words: new Int32Array(plan.counters),
        owner: (word) => Math.floor(word / (2 * line)),
      },
    ];
    const before = owned.map(({ words }) => words.slice());
    const look = (who: number): void => {
      owned.forEach(({ words, owner }, i) => {
        for (let w = 0; w < words.length; w++) {
          if (words[w] === before[i]![w]) continue;
          before[i]![w] = words[w]!;
          const whose = owner(w);
          if (whose !== 'anyone' && whose !== who)
            throw new Error(`thread ${who} stored into word ${w} of memory ${i}, which is ${whose}'s`);
        }
      });
    };
    const threads = [COORDINATOR, FIRST_PROCESSOR, FIRST_PROCESSOR + 1, WRITER];
    for (let event = 0; event < 60; event++) {
      flow.publisher!.tryPublish(event);
      look(-1);
      flow.take();
      look(-1);
      for (let turn = 0; turn < 4; turn++) {
        flow.players.forEach((player, i) => {
          player.step();
          look(threads[i]!);
        });
      }
    }
    expect(flow.published).toBeGreaterThan(30);
  });
});

describe('I8: publish is contiguous', () => {
  // Fails with: WriterCycle.waitForAck publishes the end of the batch's sequence before it awaits.
  test('the publish cursor never passes a sequence that is not acknowledged', async () => {
    let acknowledge: (() => void) | undefined;
    let pending = Number.POSITIVE_INFINITY;
    const flow = new HandFlow(
      emitter((sequence) => (sequence % 3 === 0 ? 0 : 1 + (sequence % 7))),
      {
        pipeline: { source: sequences(60) },
        process: { threads: 3, laneBytes: 2 ** 16, batchBytes: 16 },
        write: (batch) => {
          pending = batch.sequence;
          return new Promise((resolve) => {
            acknowledge = () => {
              pending = Number.POSITIVE_INFINITY;
              resolve();
            };
          });
        },
      },
      randomBy(4),
    );
    let late = 0;
    flow.onStep = () => {
      expect(flow.published).toBeLessThanOrEqual(pending);
      if (acknowledge === undefined || ++late % 20 !== 0) return;
      acknowledge();
      acknowledge = undefined;
    };
    const finished = flow.finish();
    // Where nobody has a step to do, the acknowledgement is what all wait for.
    const idle = setInterval(() => {
      expect(flow.published).toBeLessThanOrEqual(pending);
      acknowledge?.();
      acknowledge = undefined;
    }, 1);
    await finished;
    clearInterval(idle);
    expect(flow.published).toBe(60);
  });

  // Fails with: WriterCycle takes the lane of the ticket that has records in place of the head's.
  test('nor one that is not computed, however many behind it are', async () => {
    const flow = new HandFlow(
      emitter(() => 1),
      {
        pipeline: { source: sequences(30), ticketMs: 0.001 },
        process: { threads: 2, laneBytes: 2 ** 16 },
        write: () => {},
      },
      randomBy(5),
    );
    flow.coordinator.step();
    const [head, other] = flow.processors;
    // Processor 0 takes the head's ticket and is set aside before it computes.
    const claimHead = head!.cycle as unknown as { takeTicket(): boolean };
    expect(claimHead.takeTicket()).toBe(true);
    for (let i = 0; i < 40; i++) for (const player of [other!, flow.writer, flow.coordinator]) player.step();
    expect(flow.counters(FIRST_PROCESSOR + 1).sequences).toBeGreaterThan(3);
    expect(flow.published).toBe(0);
    await flow.finish();
    expect(flow.published).toBe(30);
  });
});
