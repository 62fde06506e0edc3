/**
 * Blocks of a small lane that wraps again and again, as a writer reads them: whole, cut by what it takes, and from where a
 * writer before it has come. Each batch is looked at in every way that there is.
 */
import type { Codec } from '@millrace/codec';
import { createLane, LaneConsumer, LaneProducer } from 'native-free-rings';
import { describe, expect, test } from 'vitest';
import { laneOutput } from '../../../src/processor/item-outputs.ts';
import { createCheckpoints, ProcessorCheckpoint } from '../../../src/thread/checkpoints.ts';
import { Control, createControl } from '../../../src/thread/control-block.ts';
import { Acknowledger } from '../../../src/writer/acknowledger.ts';
import { BlockReader } from '../../../src/writer/block-reader.ts';
import { Delivery } from '../../../src/writer/delivery.ts';
import { laneBatch, laneViews } from '../../../src/writer/item-batches.ts';
import type { LaneBatch } from '../../../src/writer/lane-batch.ts';
import { Place } from '../../../src/writer/place.ts';
import { Reading } from '../../../src/writer/reading.ts';
import { expectBatch, type ItemPlace } from '../../support/batch-check.ts';
import { CODECS } from '../../support/codecs.ts';
import { randomBy } from '../../support/hand-flow.ts';
import { type AnyCodec, alignOf } from '../../support/output-lane.ts';

const SEQUENCES = 40;
/** Each looks at its batches in every way, again and again: it takes a while. */
const SEEDS = 4;

/** A lane with an output at its one end and a writer at its other, which now and then is another one. */
class PlayedLane {
  readonly output: ReturnType<typeof laneOutput>;
  /** What is to come, in order: items and their places. */
  readonly items: unknown[] = [];
  readonly places: ItemPlace[] = [];
  came = 0;
  /** Batches: in all, with more than one run, with more than one record of a sequence, cut, and left to another writer. */
  readonly seen = { batches: 0, blocks: 0, cut: 0, successions: 0 };

  private readonly random: () => number;
  private readonly codec: Codec<unknown, never>;
  private readonly handle: ReturnType<typeof createLane>;
  private readonly lane: LaneProducer;
  private readonly limits: { blockBytes: number; isBySequence: boolean };
  private consumer: LaneConsumer;
  private place: Place;
  private batch!: LaneBatch;
  private reader!: BlockReader;
  private isDead = false;

  constructor(codec: AnyCodec, startAt: number, seed: number) {
    const random = randomBy(seed);
    this.random = random;
    this.codec = codec as Codec<unknown, never>;
    const laneBytes = this.pick(256, 512, 1_024);
    const start = this.pick(0, 2 ** 31 - 64, 2 ** 32 - 64);
    this.limits = { blockBytes: this.pick(1, 40, 100, 1_024), isBySequence: random() < 0.15 };
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
    this.place = new Place({ destinationEnd: 0, sequence: startAt, items: 0, laneItems: 0 }, [
      this.consumer.peekPosition(),
    ]);
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
      expect(this.reader.run(this.consumer, 0, this.batch, Number.POSITIVE_INFINITY)).toBeUndefined();
      if (!this.isDead) break;
      this.seen.successions++;
      const position = this.place.positions[0]!;
      this.consumer = new LaneConsumer(this.handle, { takeOver: true });
      this.consumer.skipTo(position);
      this.consumer.release();
      this.place = new Place({ destinationEnd: 0, ...this.place }, [position]);
      this.attach();
    }
    this.consumer.releaseTo(this.place.positions[0]!);
  }

  private attach(): void {
    const { codec, consumer, place } = this;
    const isDead = (): boolean => this.isDead;
    const destination = { write: (batch: LaneBatch) => this.write(batch) };
    const acks = new (class extends Acknowledger {
      override delivered(batch: LaneBatch): boolean {
        if (!isDead()) super.delivered(batch);
        return false;
      }
      protected override isTime(): boolean {
        return false;
      }
    })({ destination, lanes: [consumer] } as never, place);
    const reading = new Reading(place);
    const control = { mayHaveToRest: isDead, work: () => ({ show() {} }) };
    this.batch = laneBatch(laneViews([consumer], codec), codec);
    const delivery = new Delivery({ destination } as never, acks, reading);
    this.reader = new BlockReader(destination as never, this.limits, control as never, reading, acks, delivery);
  }

  /** Takes all of the batch, or some of it after the other, or dies with the rest. */
  private write(batch: LaneBatch): number {
    this.seen.batches++;
    if (batch.runs > 1) this.seen.blocks++;
    this.expectNext(batch);
    while (this.random() < 0.5) {
      const count = 1 + Math.floor(this.random() * batch.length);
      if (count === batch.length) break;
      this.seen.cut++;
      batch.show(count);
      this.expectNext(batch);
      batch.showAll();
      this.expectNext(batch);
      this.place.deliveredInPart(batch, count);
      this.came += count;
      this.expectNext(batch);
      expect([this.place.sequence, this.place.items]).toEqual(this.places[this.came]);
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

function play(codec: AnyCodec, item: (i: number) => unknown, startAt: number, seed: number) {
  const flow = new PlayedLane(codec, startAt, seed);
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
    const all = { batches: 0, blocks: 0, cut: 0, successions: 0 };
    for (let seed = 1; seed <= SEEDS; seed++) {
      const seen = play(codec, item, startAt, seed + startAt);
      for (const what of ['batches', 'blocks', 'cut', 'successions'] as const) all[what] += seen[what];
    }
    expect(all.blocks).toBeGreaterThan(SEEDS);
    expect(all.cut).toBeGreaterThan(2 * SEEDS);
    expect(all.successions).toBeGreaterThan(0);
  });
});
