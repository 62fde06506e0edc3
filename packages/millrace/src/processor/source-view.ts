import { type Codec, type FixedCodec, readOnlyView, type VariableCodec, type View } from '@millrace/codec';
import { type Cursor, type EventRingHandle, Memory, openEventRing, RecordLookup, ringEnd } from 'native-free-rings';
import { allocate } from '#atomics';

/** How a processor gets at its events. One class for each kind of source, so that the loop over them stays monomorphic. */
export interface SourceView<Event> {
  /** The event of a sequence that has arrived and is not yet published. Nobody can change it: it may be computed again. */
  at(sequence: number): Event;
  /** An event of the user's as `at` would show it. Throws a CodecError for what the source does not take. */
  sample(event: Event): Event;
  /** False when none of the events that have arrived by now can be void, so that the loop over them may leave the question out. */
  readonly mayBeVoid: boolean;
  /** An event is nothing but its sequence, so that it can be computed before it has arrived. */
  readonly isBare: boolean;
  /** The first sequence from this one on that is not void, or `end`: the producer gave up, or skipped, what is before. */
  nextEvent(sequence: number, end: number): number;
  /** The first void sequence from this one on, or `end`. All below `end` has arrived. */
  nextVoid(sequence: number, end: number): number;
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

  sample(event: number): number {
    return event;
  }

  nextEvent(sequence: number, _end: number): number {
    return sequence;
  }

  nextVoid(_sequence: number, end: number): number {
    return end;
  }

  loadEnd(): number {
    return Number.POSITIVE_INFINITY;
  }
}

abstract class RingView<Event> implements SourceView<Event> {
  readonly isBare: boolean = false;
  protected readonly memory: Memory;
  protected readonly records: RecordLookup;
  private readonly end: Cursor;

  constructor(handle: EventRingHandle) {
    const ring = openEventRing(handle);
    this.memory = ring.memory;
    this.records = new RecordLookup(ring);
    this.end = ringEnd(ring);
  }

  get mayBeVoid(): boolean {
    return this.records.mayBeVoid;
  }

  abstract at(sequence: number): Event;

  sample(event: Event): Event {
    return event;
  }

  nextEvent(sequence: number, end: number): number {
    return this.records.nextRecord(sequence, end);
  }

  nextVoid(sequence: number, end: number): number {
    return this.records.nextVoid(sequence, end);
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
  private readonly codec: FixedCodec<Event, never>;
  private readonly view: View<Event>;

  constructor(handle: EventRingHandle, codec: FixedCodec<Event, never>) {
    super(handle);
    this.codec = codec;
    this.view = readOnlyView(codec, this.memory);
  }

  override sample(event: Event): Event {
    const memory = new Memory(allocate(Math.ceil(this.codec.size / 8) * 8));
    this.codec.write(memory, 0, event as never);
    return readOnlyView(this.codec, memory).moveTo(0);
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
