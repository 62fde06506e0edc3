import type { Batch } from 'millrace';
import { LENGTH_BYTES, pad4 } from './chunk-descriptor.ts';

/** What a journal takes of a writer's batch: the items as they lie in memory, and of which sequences they are. */
export type EncodedBatch = Pick<
  Batch<unknown>,
  'sequence' | 'first' | 'length' | 'segments' | 'runs' | 'runSequence' | 'runBegin' | 'runEnd' | 'runEnds'
>;

const NOTHING = new Uint8Array(0);

/** What is left of a batch that is being recorded. */
export class BatchRest {
  /** What is left of the segment at which it stands: its bytes from `offset` on, and its runs from `run` up to `end`. */
  source: Uint8Array = NOTHING;
  offset = 0;
  run = 0;
  end = 0;
  batch: EncodedBatch | undefined;
  /** Bytes of an item; 0 where they vary. */
  private readonly itemBytes: number;
  private segment = 0;

  constructor(itemBytes: number) {
    this.itemBytes = itemBytes;
  }

  begin(batch: EncodedBatch): void {
    this.batch = batch;
    this.segment = 0;
    this.enter();
  }

  /** Leaves the runs in front of `run` behind, which have so many bytes. */
  pass(run: number, bytes: number): void {
    this.offset += bytes;
    this.run = run;
    if (run < this.end) return;
    this.segment++;
    this.enter();
  }

  /** Bytes of the next run. */
  runBytes(): number {
    const { batch, itemBytes, run, source } = this;
    const items = batch!.runEnd(run) - batch!.runBegin(run);
    if (itemBytes > 0) return items * itemBytes;
    const lengths = new DataView(source.buffer, source.byteOffset);
    let at = this.offset;
    for (let i = 0; i < items; i++) at += LENGTH_BYTES + pad4(lengths.getInt32(at, true));
    return at - this.offset;
  }

  private enter(): void {
    const segment = this.batch!.segments[this.segment];
    if (segment === undefined) {
      this.batch = undefined;
      this.source = NOTHING;
      return;
    }
    this.source = segment.bytes();
    this.offset = 0;
    this.run = segment.firstRun;
    this.end = this.run + segment.runs;
  }
}
