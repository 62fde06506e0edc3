/** A lane with an output at its one end and a batch at its other, on one thread. */
import type { Codec } from '@millrace/codec';
import { createLane, LaneConsumer, LaneProducer } from 'native-free-rings';
import { laneOutput } from '../../src/processor/item-outputs.ts';
import type { LaneOutput } from '../../src/processor/lane-output.ts';
import { createCheckpoints, ProcessorCheckpoint } from '../../src/thread/checkpoints.ts';
import { Control, createControl } from '../../src/thread/control-block.ts';
import type { MillraceError } from '../../src/thread/errors.ts';
import { RECORD } from '../../src/thread/lane-layout.ts';
import { laneBatch, laneViews } from '../../src/writer/item-batches.ts';

export type AnyCodec = Codec<unknown, unknown>;

/** A record of a lane. */
export interface Seen {
  sequence: number;
  flags: number;
  items: unknown[];
}

export interface LaneSizes {
  laneBytes?: number;
  batchBytes?: number;
  /** The output may be a class of its own. */
  isOnly?: boolean;
  /** Where the lane's cursors begin. */
  start?: number;
}

/** Items of the codec lie in a lane at multiples of so many bytes. */
export const alignOf = (codec: AnyCodec | undefined): number => (codec?.kind === 'fixed' ? codec.align : 4);

/** An output over a lane whose reader takes everything as soon as the output waits for room, or `take` is called. */
export function outputOf(
  codec: AnyCodec | undefined,
  { laneBytes = 1_024, batchBytes = 64, isOnly = true, start = 0 }: LaneSizes = {},
) {
  const handle = createLane({ capacityBytes: laneBytes, align: alignOf(codec), start });
  const lane = new LaneProducer(handle);
  const reader = new LaneConsumer(handle);
  const control = new Control(createControl(1, 0));
  const batch =
    codec === undefined ? undefined : laneBatch(laneViews([reader], codec as Codec<unknown, never>), codec as never);
  const seen: Seen[] = [];
  const counts = { waits: 0, filled: 0 };
  const itemsOf = (): unknown[] => {
    const { sequence, flags, count, offset, length: size } = reader;
    if (flags >= RECORD.progress) return [];
    const to = reader.peekPosition();
    const piece = { from: (to - 1) | 0, to, skipped: 0, sequence, first: 0, count, offset, size, runs: 1 };
    batch!.clear();
    batch!.add(0, piece, sequence + 1, 0, flags === RECORD.last);
    return batch!.toArray();
  };
  const take = (): Seen[] => {
    output.publish(output.current);
    while (reader.next()) seen.push({ sequence: reader.sequence, flags: reader.flags, items: itemsOf() });
    reader.release();
    return seen;
  };
  const output: LaneOutput<unknown> = laneOutput(codec, {
    lane,
    control,
    checkpoint: new ProcessorCheckpoint(createCheckpoints(1, 0, 0), 0),
    batchBytes,
    isOnly,
    isChecked: false,
    runFilled: () => void counts.filled++,
    waitForRoom() {
      counts.waits++;
      take();
    },
  });
  /** All items that have come, in order. */
  const items = (): unknown[] => take().flatMap((record) => record.items);
  return { output, take, items, counts, control, lane, reader };
}

/** What `run` is refused with. */
export function refusal(run: () => void): MillraceError {
  try {
    run();
  } catch (error) {
    return error as MillraceError;
  }
  throw new Error('it was taken');
}
