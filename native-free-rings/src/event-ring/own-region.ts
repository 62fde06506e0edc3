import { load, store, type Words } from '#atomics';
import { LINE_WORDS } from '../layout.ts';
import { type OpenEventRing, PRODUCER_USED, producerLine } from './event-ring-descriptor.ts';
import { RecordSpace } from './record-space.ts';

const FIRST_SIZE = 64;

/** The part of the data that one producer of a shared ring has. Its records that are kept stand in a queue, the thread's own. */
export class OwnRegion extends RecordSpace {
  /** Who had this place before wrote into the region, and readers may keep sequences below this one. */
  private readonly emptyFrom: number;
  private sequences: Float64Array = new Float64Array(FIRST_SIZE);
  private positions: Int32Array = new Int32Array(FIRST_SIZE);
  /** Numbers of the oldest record in the queue, and of the next one. */
  private oldest = 0;
  private next = 0;

  /** `line`: of the producer's place; `claimed`: the next sequence to claim. */
  constructor(ring: OpenEventRing, line: number, claimed: number) {
    super(ring, ((line - producerLine(ring.readers, 0)) / LINE_WORDS) * ring.dataBytes, 0);
    this.emptyFrom = isUsed(ring.words, line) ? claimed : Number.NEGATIVE_INFINITY;
  }

  freeFrom(gate: number): number {
    if (gate < this.emptyFrom) return 0;
    let low = this.oldest;
    let high = this.next;
    while (low < high) {
      const middle = low + ((high - low) >> 1);
      if (this.sequences[this.slotOf(middle)]! >= gate) high = middle;
      else low = middle + 1;
    }
    return low === this.next ? this.bytes : this.bytes - ((this.tail - this.positions[this.slotOf(low)]!) | 0);
  }

  take(sequence: number, offset: number, bytes: number, gate: number): void {
    const position = this.pass(offset, bytes);
    this.note(sequence, offset, bytes);
    while (this.oldest < this.next && this.sequences[this.slotOf(this.oldest)]! < gate) this.oldest++;
    if (this.next - this.oldest === this.sequences.length) this.grow();
    this.sequences[this.slotOf(this.next)] = sequence;
    this.positions[this.slotOf(this.next)] = position;
    this.next++;
  }

  private slotOf(number: number): number {
    return number & (this.sequences.length - 1);
  }

  private grow(): void {
    const { sequences, positions, oldest } = this;
    const size = sequences.length;
    this.sequences = new Float64Array(2 * size);
    this.positions = new Int32Array(2 * size);
    for (let i = 0; i < size; i++) {
      const from = (oldest + i) & (size - 1);
      this.sequences[i] = sequences[from]!;
      this.positions[i] = positions[from]!;
    }
    this.oldest = 0;
    this.next = size;
  }
}

/** Whether somebody had the place before; from now on, yes. */
function isUsed(words: Words, line: number): boolean {
  const wasUsed = load(words, line + PRODUCER_USED) === 1;
  store(words, line + PRODUCER_USED, 1);
  return wasUsed;
}
