/**
 * Blocks of a small lane that wraps again and again, as a writer reads them: whole, cut by what it takes, and from where a
 * writer before it has come. Each batch is looked at in every way that there is.
 */
import type { Codec } from '@millrace/codec';
import { createLane, LaneConsumer, LaneProducer } from 'native-free-rings';
import { describe, expect, test } from 'vitest';
import { laneOutput } from '../../../src/processor/item-outputs.ts';
import { PLAIN_BATCHES } from '../../../src/thread/batch-rule.ts';
import { createCheckpoints, ProcessorCheckpoint } from '../../../src/thread/checkpoints.ts';
import { Control, createControl } from '../../../src/thread/control-block.ts';
import { Acknowledger } from '../../../src/writer/acknowledger.ts';
import { BlockReader } from '../../../src/writer/block-reader.ts';
import type { Collecting } from '../../../src/writer/collecting.ts';
import { Delivery } from '../../../src/writer/delivery.ts';
import { HadItems } from '../../../src/writer/had-items.ts';
import { type Flight, InFlight } from '../../../src/writer/in-flight.ts';
import { laneBatch, laneViews } from '../../../src/writer/item-batches.ts';
import type { LaneBatch } from '../../../src/writer/lane-batch.ts';
import { Place } from '../../../src/writer/place.ts';
import { Reading } from '../../../src/writer/reading.ts';
import { expectBatch, type ItemPlace } from '../../support/batch-check.ts';
import { CODECS } from '../../support/codecs.ts';
import { randomBy } from '../../support/hand-flow.ts';
import { type AnyCodec, alignOf } from '../../support/output-lane.ts';

const SEQUENCES = 24;
/** What a writer takes at once, by a seed. Each play looks at its batches in every way, again and again: it takes a while. */
interface Play {
  readonly seed: number;
  readonly isLimited: boolean;
  readonly collects: boolean;
}
const PLAYS: readonly Play[] = [
  { seed: 1, isLimited: false, collects: false },
  { seed: 2, isLimited: true, collects: false },
  { seed: 3, isLimited: false, collects: true },
  { seed: 4, isLimited: true, collects: true },
];

/** A lane with an output at its one end and a writer at its other, which now and then is another one. */
class PlayedLane {
  readonly output: ReturnType<typeof laneOutput>;
  /** What is to come, in order: items and their places. */
  readonly items: unknown[] = [];
  readonly places: ItemPlace[] = [];
  came = 0;
  /** Batches: in all, with more than one run, cut, of as many items as one may have, collected, and left to another writer. */
  readonly seen = { batches: 0, blocks: 0, cut: 0, full: 0, collected: 0, successions: 0 };

  private readonly random: () => number;
  private readonly codec: Codec<unknown, never>;
  private readonly handle: ReturnType<typeof createLane>;
  private readonly lane: LaneProducer;
  private readonly blockBytes: number;
  private readonly isBySequence: boolean;
  private readonly maxItems: number;
  private readonly collects: boolean;
  private consumer: LaneConsumer;
  private place: Place;
  private inFlight!: InFlight;
  private delivery!: Delivery;
  private reader!: BlockReader;
  private isDead = false;

  constructor(codec: AnyCodec, startAt: number, { seed, isLimited, collects }: Play) {
    const random = randomBy(seed + startAt);
    this.random = random;
    this.codec = codec as Codec<unknown, never>;
    const laneBytes = this.pick(256, 512, 1_024);
    const start = this.pick(0, 2 ** 31 - 64, 2 ** 32 - 64);
    this.blockBytes = this.pick(1, 40, 100, 1_024);
    this.isBySequence = !collects && random() < 0.15;
    this.maxItems = isLimited ? this.pick(1, 3, 7) : Number.POSITIVE_INFINITY;
    this.collects = collects;
    this.handle = createLane({
      capacityBytes: laneBytes,
      align: alignOf(codec),
      start,
      ...(random() < 0.3 ? { records: 8 } : {}),
    });
    this.lane = new LaneProducer(this.handle);
    this.consumer = new LaneConsumer(this.handle);
    this.output = laneOutput(codec, {
      lane: this.lane,
      control: new Control(createControl(1, 0)),
      checkpoint: new ProcessorCheckpoint(createCheckpoints(1, 0, 0), 0),
      batchBytes: this.pick(16, 64, laneBytes / 2),
      isOnly: false,
      isChecked: false,
      runFilled() {},
      waitForRoom: () => this.read(),
    });
    const note = { destinationEnd: 0, sequence: startAt, items: 0, lane: -1, laneItems: 0 };
    this.place = new Place(note, [this.consumer.peekPosition()], 0);
    this.attach();
  }

  pick(...options: number[]): number {
    return options[Math.floor(this.random() * options.length)]!;
  }

  show(sequence: number): void {
    this.output.publish(sequence);
  }

  /** The writer takes all that the lane shows. */
  read(): void {
    for (;;) {
      this.isDead = false;
      expect(this.reader.run(this.consumer, 0, Number.POSITIVE_INFINITY)).toBeUndefined();
      if (!this.isDead && this.delivery.isHolding) expect(this.delivery.handOver()).toBeUndefined();
      if (!this.isDead) break;
      this.seen.successions++;
      const position = this.place.positions[0]!;
      this.consumer = new LaneConsumer(this.handle, { takeOver: true });
      this.consumer.skipTo(position);
      this.consumer.release();
      this.place = new Place({ destinationEnd: 0, ...this.place }, [position], 0);
      this.attach();
    }
    this.place = this.inFlight.place;
    this.consumer.releaseTo(this.place.positions[0]!);
  }

  private attach(): void {
    const { codec, consumer, place, maxItems, isBySequence } = this;
    const isDead = (): boolean => this.isDead;
    const destination = {
      batches: { ...PLAIN_BATCHES, maxItems, isBySequence },
      demand: () => Number.POSITIVE_INFINITY,
      write: (batch: LaneBatch) => this.write(batch),
    };
    const inFlight = new InFlight(place, () => new Place({ destinationEnd: 0, ...place }, [...place.positions], 0));
    this.inFlight = inFlight;
    const acks = new (class extends Acknowledger {
      override delivered(batch: LaneBatch): boolean {
        if (!isDead()) super.delivered(batch);
        return false;
      }
      override landed(flight: Flight): boolean {
        if (!isDead()) super.landed(flight);
        return false;
      }
      protected override isTime(): boolean {
        return false;
      }
    })({ destination, lanes: [consumer] } as never, inFlight);
    const reading = new Reading({ sequence: place.sequence, items: place.items, laneItems: place.laneItems });
    const control = { mayHaveToRest: isDead, work: () => ({ show() {} }) };
    const views = laneViews([consumer], codec);
    const had = new HadItems();
    const parts = { destination, control, makeBatch: () => laneBatch(views, codec), blockBytes: this.blockBytes };
    const delivery = new Delivery(parts as never, acks, inFlight, reading, had);
    this.delivery = delivery;
    this.reader = new BlockReader(parts as never, reading, acks, delivery, had, this.collecting());
  }

  /** Keeps a batch now and then that may have more. */
  private collecting(): Collecting | undefined {
    if (!this.collects) return undefined;
    const keeps = (batch: LaneBatch, most: number): boolean => {
      const stays = batch.length < most && this.random() < 0.4;
      // As Collecting does: what was added to a batch that is held is part of it.
      if (stays || this.delivery.isHolding) this.delivery.hold();
      return stays;
    };
    return { keeps } as unknown as Collecting;
  }

  /** Takes all of the batch, or some of it after the other, or dies with the rest. */
  private write(batch: LaneBatch): number {
    this.seen.batches++;
    if (batch.runs > 1) this.seen.blocks++;
    if (batch.segments.length > 1) this.seen.collected++;
    if (batch.length === this.maxItems) this.seen.full++;
    expect(batch.length).toBeLessThanOrEqual(this.maxItems);
    this.expectNext(batch);
    const place = this.inFlight.place;
    this.place = place;
    while (this.random() < 0.5) {
      const count = 1 + Math.floor(this.random() * batch.length);
      if (count === batch.length) break;
      this.seen.cut++;
      place.deliveredInPart(batch, count);
      this.came += count;
      this.expectNext(batch);
      expect([place.sequence, place.items]).toEqual(this.places[this.came]);
      if (this.random() < 0.5) {
        this.isDead = true;
        return batch.length;
      }
    }
    this.came += batch.length;
    return batch.length;
  }

  private expectNext(batch: LaneBatch): void {
    const { came, items, places, codec } = this;
    expectBatch(batch, codec, items.slice(came, came + batch.length), places.slice(came, came + batch.length));
  }
}

function play(codec: AnyCodec, item: (i: number) => unknown, startAt: number, how: Play) {
  const flow = new PlayedLane(codec, startAt, how);
  const { output, items, places } = flow;
  for (let sequence = startAt; sequence < startAt + SEQUENCES; sequence++) {
    output.current = sequence;
    const count = flow.pick(0, 0, 1, 1, 1, 2, 5, 40);
    for (let index = 0; index < count; index++) {
      const one = item(items.length);
      items.push(one);
      places.push([sequence, index]);
      output.emit(one);
    }
    output.finish();
    if (flow.pick(0, 1, 2) === 0 && output.covered !== sequence + 1) output.progress(sequence + 1);
    if (flow.pick(0, 1, 2, 3) > 0) continue;
    flow.show(sequence + 1);
    if (flow.pick(0, 1) === 0) flow.read();
  }
  flow.show(startAt + SEQUENCES);
  flow.read();
  expect(flow.came).toBe(items.length);
  return flow.seen;
}

describe.each(CODECS)('blocks of %s', (_, codec, item) => {
  test.each([0, 2 ** 31 - 30, 2 ** 32 - 30, 2 ** 53 - 100])('from sequence %d on', (startAt) => {
    const all = { batches: 0, blocks: 0, cut: 0, full: 0, collected: 0, successions: 0 };
    for (const how of PLAYS) {
      const seen = play(codec, item, startAt, how);
      for (const what of Object.keys(all) as (keyof typeof all)[]) all[what] += seen[what];
    }
    expect(all.blocks).toBeGreaterThan(2);
    expect(all.cut).toBeGreaterThan(2);
    expect(all.full).toBeGreaterThan(0);
    expect(all.collected).toBeGreaterThan(0);
    expect(all.successions).toBeGreaterThan(0);
  });
});
