import type { Codec, FixedCodec, VariableCodec } from '@millrace/codec';
import { type EventRingProducer, FULL } from 'native-free-rings';
import { growing, tooLarge } from './publish-errors.ts';

/** So often room is looked for for one event of varying length, whose getters may give more at each time they are read. */
const MOST_TRIES = 4;

/** Encodes whole events into the slots of the source ring. */
export class EventWriter<Event> {
  /** Bytes of the event that did not fit, in a source whose events vary in length. */
  bytesWanted = 0;
  /** The event is being read for its size, before a claim is open. */
  isSizing = false;
  private readonly ring: EventRingProducer;
  private readonly codec: Codec<unknown, Event>;

  constructor(ring: EventRingProducer, codec: Codec<unknown, Event>) {
    this.ring = ring;
    this.codec = codec;
  }

  /** Claims a slot, encodes the event there, and commits it. False when there is no room. Throws with the claim open. */
  tryWrite(event: Event): boolean {
    const { codec } = this;
    return codec.kind === 'fixed' ? this.tryWriteFixed(event, codec) : this.tryWriteVariable(event, codec);
  }

  private tryWriteFixed(event: Event, codec: FixedCodec<unknown, Event>): boolean {
    const sequence = this.ring.tryClaim();
    if (sequence === FULL) return false;
    codec.write(this.ring.memory, this.ring.offsetOf(sequence), event);
    this.ring.commit();
    return true;
  }

  private tryWriteVariable(event: Event, codec: VariableCodec<unknown, Event>): boolean {
    const { ring } = this;
    // In a shared ring a claim that is given back leaves a void sequence, so the size has to be known before; else the event is
    // written into what room there is.
    let bytes = ring.shared ? this.sizeOf(event, codec) : 0;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      if (bytes > ring.maxRecordBytes) throw new RangeError(tooLarge(bytes, ring.maxRecordBytes));
      this.bytesWanted = bytes;
      if (ring.tryClaimBytes(bytes) === FULL) return false;
      const used = codec.write(ring.memory, ring.claimOffset, ring.claimEnd - ring.claimOffset, event);
      if (used >= 0) {
        ring.commit(used);
        return true;
      }
      ring.abort();
      bytes = -used;
    }
    throw growing();
  }

  private sizeOf(event: Event, codec: VariableCodec<unknown, Event>): number {
    this.isSizing = true;
    try {
      return Math.max(-codec.write(this.ring.memory, 0, 0, event), 0);
    } finally {
      this.isSizing = false;
    }
  }
}
