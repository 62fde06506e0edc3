/** What a writer's thread does before it goes live, so that V8 has compiled the code by then. */
import { type Codec, codecFromSchema } from '@millrace/codec';
import { createLane, LaneConsumer, LaneProducer, MIN_LANE_RECORDS } from 'native-free-rings';
import { TicketClaimer } from '../order/ticket-claimer.ts';
import { TicketIssuer } from '../order/ticket-issuer.ts';
import { createTicketLog } from '../order/ticket-log-descriptor.ts';
import { createCheckpoints } from '../thread/checkpoints.ts';
import { createControl, FIRST_PROCESSOR } from '../thread/control-block.ts';
import { createCounters } from '../thread/counters.ts';
import { MillraceError } from '../thread/errors.ts';
import { framed, ITEM_HEADER_BYTES, laneAlign, RECORD } from '../thread/lane-layout.ts';
import type { FlowPlan } from '../thread/plan.ts';
import type { Batch } from './batch.ts';
import type { WriterDefinition } from './definition.ts';
import { laneBatch, laneViews } from './item-batches.ts';
import type { LaneBatch } from './lane-batch.ts';
import type { WriterCycle } from './writer-cycle.ts';

/** Enough for V8 to compile the loops, and done in some milliseconds. */
const TICKETS = 256;
const RUNS_PER_TICKET = 64;
const MOST_ITEMS_PER_RUN = 8;
const RUNS_OF_LONG = 4;
const LANE_BYTES: number = 64 * 1024;

/**
 * Runs a writer's own loop over a flow of one processor that is nobody's: memory of its own, items of zeros, a destination that
 * does nothing. `make` attaches a writer to it.
 */
export function dryRun(plan: FlowPlan, make: (scratch: FlowPlan) => WriterCycle): void {
  if (plan.items === undefined) return;
  const codec = codecFromSchema(plan.items);
  const itemBytes = codec.kind === 'fixed' ? codec.size : ITEM_HEADER_BYTES;
  const lanes = [
    createLane({ capacityBytes: Math.max(LANE_BYTES, 8 * MOST_ITEMS_PER_RUN * itemBytes), align: laneAlign(codec) }),
  ];
  const scratch: FlowPlan = {
    ...plan,
    control: createControl(1, 0),
    counters: createCounters(FIRST_PROCESSOR + 1),
    tickets: createTicketLog(0),
    checkpoints: createCheckpoints(1, 0, 0),
    lanes,
    source: { ring: undefined, events: undefined },
    destination: undefined,
  };
  const cycle = make(scratch);
  const lane = new LaneProducer(lanes[0]!);
  const issuer = new TicketIssuer(scratch.tickets);
  const claimer = new TicketClaimer(scratch.tickets, 0);
  const drain = (): void => {
    lane.publish();
    while (cycle.doWork() !== 0);
  };
  const put = (sequence: number, items: number, flag: number): void => {
    while (lane.tryClaim(items * itemBytes) < 0) drain();
    lane.commit(items * itemBytes, sequence, items, flag);
  };
  const mark = (sequence: number): void => {
    put(sequence, 0, RECORD.progress);
    drain();
  };
  for (let ticket = 0; ticket < TICKETS; ticket++) {
    issuer.issue(RUNS_PER_TICKET, 0);
    issuer.publish();
    claimer.tryClaim();
    // All that a writer may come across, from the first ticket on, before anything is compiled: sequences without items, some
    // of several runs, each seen by itself, and marks alone.
    mark(claimer.begin);
    for (let sequence = claimer.begin; sequence < claimer.end; sequence++) {
      const items = sequence % (MOST_ITEMS_PER_RUN + 1);
      const isLong = items === MOST_ITEMS_PER_RUN;
      for (let run = ticket % RUNS_OF_LONG; isLong && run < RUNS_OF_LONG; run++) {
        put(sequence, items, RECORD.more);
        drain();
      }
      if (items > 0) put(sequence, items, RECORD.last);
    }
    drain();
    mark(claimer.end);
  }
}

/** Runs a module's own `warmUp`, which gets what makes batches of samples. */
export async function warmUpWrite(
  plan: FlowPlan,
  definition: Pick<WriterDefinition<unknown>, 'warmUp'>,
): Promise<void> {
  const codec = plan.items === undefined ? undefined : codecFromSchema(plan.items);
  // On the definition: a user may say `this`.
  await definition.warmUp?.((items) => {
    if (codec !== undefined) return sampleBatch(codec, items);
    throw new MillraceError(
      'BAD_MODULE',
      'warmUp of a writer whose processor has no `output`: there are no items to sample',
      {
        thread: 'writer',
      },
    );
  });
}

const LEAST_SAMPLE_BYTES = 4_096;

/** A batch of samples, as `write` gets one: each item of a sequence of its own, from 0 on. */
function sampleBatch(codec: Codec<unknown, unknown>, items: Iterable<unknown>): Batch<unknown> {
  const samples = [...items];
  if (samples.length === 0) throw new RangeError('a batch of no samples: give one item or more');
  for (let bytes = LEAST_SAMPLE_BYTES; ; bytes *= 2) {
    const handle = createLane({
      capacityBytes: bytes,
      records: Math.max(samples.length + 1, MIN_LANE_RECORDS),
      align: laneAlign(codec),
    });
    const lane = new LaneProducer(handle);
    if (!samples.every((item, sequence) => put(lane, codec, item, sequence))) continue;
    lane.publish();
    return batchOf(new LaneConsumer(handle), codec, samples.length);
  }
}

/** False where the lane has no room for it before its wrap. */
function put(lane: LaneProducer, codec: Codec<unknown, unknown>, item: unknown, sequence: number): boolean {
  const least = codec.kind === 'fixed' ? codec.size : ITEM_HEADER_BYTES;
  if (least > lane.maxPayloadBytes) return false;
  const at = lane.tryClaim(least);
  if (at < 0) return false;
  const bytes = encode(lane, codec, item, at);
  if (bytes < 0) return false;
  lane.commit(bytes, sequence, 1, RECORD.last);
  return true;
}

function encode(lane: LaneProducer, codec: Codec<unknown, unknown>, item: unknown, at: number): number {
  if (codec.kind === 'fixed') {
    codec.write(lane.memory, at, item);
    return codec.size;
  }
  const used = codec.write(lane.memory, at + ITEM_HEADER_BYTES, (lane.claimEnd - at - ITEM_HEADER_BYTES) & ~3, item);
  if (used < 0) return used;
  lane.memory.i32[at >> 2] = used;
  return framed(used);
}

/** All that a new lane has, which lies in one piece. */
function batchOf(consumer: LaneConsumer, codec: Codec<unknown, unknown>, items: number): LaneBatch {
  const batch = laneBatch(laneViews([consumer], codec), codec);
  const { table } = batch;
  table.reserve(items);
  let size = 0;
  for (let run = 0; consumer.next(); run++) {
    table.offsets[run] = run;
    table.begins[run] = run;
    size += consumer.length;
  }
  table.length = items;
  table.begins[items] = items;
  const piece = { from: 0, to: items, skipped: 0, sequence: 0, first: 0, count: items, offset: 0, size, runs: items };
  batch.add(0, piece, items, 0, true);
  return batch;
}
