import type { Codec, FixedCodec, Memory, VariableCodec, View } from '@millrace/codec';
import { type Cursor, type EventRingHandle, openEventRing, RecordLookup, ringEnd } from 'native-free-rings';

/** How a processor gets at its events. One class for each kind of source, so that the loop over them stays monomorphic. */
export interface SourceView<Event> {
  /** The event of a sequence that has arrived and is not yet published. */
  at(sequence: number): Event;
  /** False when no event can be void, so that the loop may leave the question out. */
  readonly mayBeVoid: boolean;
  /** An event is nothing but its sequence, so that it can be computed before it has arrived. */
  readonly isBare: boolean;
  /** True when its producer gave the event up. */
  isVoid(sequence: number): boolean;
  /** End of what has arrived. */
  loadEnd(): number;
}

/** Bare sequences that are all there from the start: the event is its sequence. */
class SequenceView implements SourceView<number> {
  readonly mayBeVoid = false;
  readonly isBare = true;

  at(sequence: number): number {
    return sequence;
  }

  isVoid(): boolean {
    return false;
  }

  loadEnd(): number {
    return Number.POSITIVE_INFINITY;
  }
}

abstract class RingView<Event> implements SourceView<Event> {
  readonly mayBeVoid: boolean;
  readonly isBare: boolean = false;
  protected readonly memory: Memory;
  protected readonly records: RecordLookup;
  private readonly end: Cursor;

  constructor(handle: EventRingHandle) {
    const ring = openEventRing(handle);
    this.memory = ring.memory;
    this.records = new RecordLookup(ring);
    this.mayBeVoid = this.records.mayBeVoid;
    this.end = ringEnd(ring);
  }

  abstract at(sequence: number): Event;

  isVoid(sequence: number): boolean {
    return this.records.isVoid(sequence);
  }

  loadEnd(): number {
    return this.end.load();
  }
}

/** Bare sequences that a producer hands out as it fills memory of the user's. */
class BareRingView extends RingView<number> {
  override readonly isBare = true;

  at(sequence: number): number {
    return sequence;
  }
}

class FixedRingView<Event> extends RingView<Event> {
  private readonly view: View<Event>;

  constructor(handle: EventRingHandle, codec: FixedCodec<Event, never>) {
    super(handle);
    this.view = codec.view(this.memory);
  }

  at(sequence: number): Event {
    return this.view.moveTo(this.records.offsetOf(sequence));
  }
}

class VariableRingView<Event> extends RingView<Event> {
  private readonly codec: VariableCodec<Event, never>;

  constructor(handle: EventRingHandle, codec: VariableCodec<Event, never>) {
    super(handle);
    this.codec = codec;
  }

  at(sequence: number): Event {
    return this.codec.read(this.memory, this.records.offsetOf(sequence), this.records.lengthOf(sequence));
  }
}

/** The view for a source: `ring` undefined means sequences that need no arrival; `codec` undefined means bare sequences. */
export function sourceView(
  ring: EventRingHandle | undefined,
  codec: Codec<unknown, never> | undefined,
): SourceView<unknown> {
  if (ring === undefined) return new SequenceView();
  if (codec === undefined) return new BareRingView(ring);
  return codec.kind === 'fixed' ? new FixedRingView(ring, codec) : new VariableRingView(ring, codec);
}
