import { type Codec, type Memory, privateMemory } from '@millrace/codec';
import { closeUnread, Interrupt, interruptible, leavable } from 'native-free-rings/waits';
import { JournalError } from './errors.ts';
import { LENGTH_BYTES, pad4 } from './format/chunk-descriptor.ts';
import { compileOptions, type JournalOptions, show } from './options.ts';
import { compileReadOptions, type ReadOptions } from './read/read-options.ts';
import { type JournalReader, openJournal, ReadLoop } from './read/reader.ts';
import { Recorder } from './store/recorder.ts';

export interface EventJournalOptions<Event, EventInput = Event> extends JournalOptions {
  /** Codec of the events. */
  codec: Codec<Event, EventInput>;
}

interface Waiter {
  readonly sequence: number;
  readonly resolve: (sequence: number) => void;
  readonly reject: (error: unknown) => void;
}

/** So often an event is written that did not fit, because its getters gave more than at the time before. */
const MOST_TRIES = 4;

/**
 * Events on disk, in order, from sequence 0 on: append before publishing, and replay after a failure. Appending never blocks the
 * thread; appends that come while a commit runs are committed together by the next.
 */
export class EventJournal<Event, EventInput = Event> implements AsyncDisposable {
  readonly dir: string;
  private readonly codec: Codec<Event, EventInput>;
  private readonly recorder: Recorder;
  private scratch: Memory = privateMemory(1024);
  private waiters: Waiter[] = [];
  /** Requests to the store, one after the other. */
  private turn: Promise<unknown> = Promise.resolve();
  private isScheduled = false;
  /** Appends wait here while both halves of the memory are in use. */
  private room: Promise<unknown> | undefined;
  private failure: unknown;
  private closing: Promise<void> | undefined;
  /** Replays that wait for more. */
  private readonly loops = new Set<ReadLoop>();
  /** Streams that are being appended: they may be silent when the journal is closed. */
  private readonly streams = new Set<Interrupt>();
  private isEncoding = false;

  private constructor(codec: Codec<Event, EventInput>, recorder: Recorder, dir: string) {
    this.dir = dir;
    this.codec = codec;
    this.recorder = recorder;
  }

  static async open<Event, EventInput>(
    options: EventJournalOptions<Event, EventInput>,
  ): Promise<EventJournal<Event, EventInput>> {
    const compiled = compileOptions('openEventJournal', options, ['codec']);
    const { codec } = options;
    if (typeof codec?.schema !== 'object') {
      throw new JournalError('BAD_OPTIONS', 'openEventJournal: codec is missing: give the codec of the events');
    }
    const recorder = await Recorder.open({ ...compiled, kind: 'events', schema: codec.schema }, codec);
    return new EventJournal(codec, recorder, compiled.dir);
  }

  /** The sequence that the next event gets. */
  get end(): number {
    return this.recorder.position.sequence;
  }

  /**
   * Records one event, as it is at the time of the call; resolves with its sequence when it is committed. Events get their sequences
   * in the order of the calls.
   */
  async append(event: EventInput): Promise<number> {
    const bytes = this.encode(event);
    return await ((this.room === undefined ? this.stage(bytes) : undefined) ?? (await this.stageLater(bytes)))
      .committed;
  }

  /**
   * Records events; resolves with the sequence behind the last one when all are committed. A stream is closed where it is not
   * read to its end: also when the journal is closed meanwhile (CLOSED), and what came before is recorded.
   */
  async appendAll(events: Iterable<EventInput> | AsyncIterable<EventInput>): Promise<number> {
    if (!isIterable(events)) {
      throw new JournalError('BAD_OPTIONS', `appendAll got ${show(events)}; give an iterable of events, or a stream`);
    }
    if (this.failure !== undefined) {
      closeUnread(events);
      throw this.failure;
    }
    const interrupt = new Interrupt();
    this.streams.add(interrupt);
    try {
      for await (const event of isAsync(events) ? interruptible(events, interrupt) : events) {
        const bytes = this.encode(event);
        if (this.room !== undefined || !this.tryStage(bytes))
          (await this.stageLater(bytes)).committed.catch(() => undefined);
        this.schedule();
      }
    } finally {
      this.streams.delete(interrupt);
    }
    await this.flush();
    return this.end;
  }

  /** Resolves when everything that was appended is committed. */
  async flush(): Promise<void> {
    while (this.room !== undefined) await this.room;
    await this.inTurn(() => this.commit());
  }

  /**
   * The events from a sequence on, for `flow.publish`. With `follow`, those that will be appended too, until the journal is
   * closed: the loop then gets what is committed, and throws CLOSED.
   */
  replay(options: ReadOptions = {}): AsyncGenerator<Event, void, undefined> {
    const loop = new ReadLoop(compileReadOptions('replay', options));
    return leavable(this.read(loop), () => loop.leave());
  }

  /** Gives back the disk of events below a sequence, typically the flow's publish cursor. */
  async trim(below: number): Promise<void> {
    if (!Number.isSafeInteger(below) || below < 0) {
      throw new JournalError('BAD_OPTIONS', `trim(${String(below)}): give a sequence, an integer from 0 on`);
    }
    await this.inTurn(() => this.recorder.trim(below));
  }

  /**
   * Commits what was appended and gives the journal free. Rejects where not all of it could be committed. Idempotent, also while
   * it closes.
   */
  close(): Promise<void> {
    this.closing ??= this.closeOnce();
    return this.closing;
  }

  private async closeOnce(): Promise<void> {
    const closed = new JournalError('CLOSED', `the journal ${this.dir} was closed: open it again`);
    for (const stream of this.streams) stream.now(closed);
    try {
      await this.flush();
    } finally {
      const done = this.inTurn(() => this.recorder.close());
      this.failure = closed;
      for (const loop of this.loops) loop.endWith(closed);
      await done;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private async *read(loop: ReadLoop): AsyncGenerator<Event, void, undefined> {
    await this.flush();
    await using reader: JournalReader<Event> = openJournal<Event>(this.dir);
    this.loops.add(loop);
    try {
      yield* reader.readItems(loop);
    } finally {
      this.loops.delete(loop);
    }
  }

  /** Into the scratch memory, as a lane would hold it. Getters of the event run meanwhile, and they must not come back here. */
  private encode(event: EventInput): number {
    if (this.failure !== undefined) throw this.failure;
    if (this.isEncoding) throw this.refused('a getter of an event that is being appended appends another one');
    this.isEncoding = true;
    try {
      return this.write(event);
    } finally {
      this.isEncoding = false;
    }
  }

  private write(event: EventInput): number {
    const { codec } = this;
    if (codec.kind === 'fixed') {
      if (codec.size > this.scratch.byteLength) this.scratch = privateMemory(codec.size);
      codec.write(this.scratch, 0, event);
      return codec.size;
    }
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const length = codec.write(this.scratch, LENGTH_BYTES, this.scratch.byteLength - LENGTH_BYTES, event);
      if (length >= 0) {
        this.scratch.i32[0] = length;
        const end = LENGTH_BYTES + pad4(length);
        this.scratch.u8.fill(0, LENGTH_BYTES + length, Math.min(end, this.scratch.byteLength));
        return end;
      }
      this.scratch = privateMemory(LENGTH_BYTES + pad4(-length));
    }
    throw this.refused(
      'the event takes more bytes each time it is read, by a getter that gives something else each time',
    );
  }

  private refused(why: string): JournalError {
    return new JournalError('EVENT_REFUSED', `the journal ${this.dir}: ${why}: append plain values`);
  }

  /** What was encoded into so many bytes of the scratch memory. */
  private tryStage(bytes: number): boolean {
    if (this.failure !== undefined) throw this.failure;
    return this.recorder.appendItem(this.scratch.u8, bytes);
  }

  /** Undefined while there is no room. In an object, for a promise would be awaited on its way. */
  private stage(bytes: number): { readonly committed: Promise<number> } | undefined {
    const sequence = this.end;
    if (!this.tryStage(bytes)) return undefined;
    const committed = new Promise<number>((resolve, reject) => {
      this.waiters.push({ sequence, resolve, reject });
    });
    this.schedule();
    return { committed };
  }

  /** When there is room again, in the order of the calls. The caller may change the event meanwhile. */
  private async stageLater(bytes: number): Promise<{ readonly committed: Promise<number> }> {
    const encoded = this.scratch.u8.slice(0, bytes);
    const before = this.room;
    const mine = (async () => {
      await before;
      for (;;) {
        this.scratch.u8.set(encoded);
        const staged = this.stage(bytes);
        if (staged !== undefined) return staged;
        await this.inTurn(() => this.commit());
      }
    })();
    const room = mine.catch(() => undefined);
    this.room = room;
    try {
      return await mine;
    } finally {
      if (this.room === room) this.room = undefined;
    }
  }

  /** What is appended before the store is free again is committed together. */
  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    void this.inTurn(() => {
      this.isScheduled = false;
      return this.commit();
    }).catch(() => undefined);
  }

  private async commit(): Promise<void> {
    const { recorder, waiters } = this;
    if (this.failure === undefined) {
      this.waiters = [];
      try {
        await recorder.commit(recorder.position);
      } catch (error) {
        this.failure ??= error;
        for (const waiter of [...waiters, ...this.waiters]) waiter.reject(error);
        this.waiters = [];
        throw error;
      }
      for (const { sequence, resolve } of waiters) resolve(sequence);
    }
    if (this.failure !== undefined) throw this.failure;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => undefined);
    return done;
  }
}

const isIterable = (events: unknown): boolean => {
  const given = events as Partial<AsyncIterable<unknown> & Iterable<unknown>> | null | undefined;
  return typeof (given?.[Symbol.asyncIterator] ?? given?.[Symbol.iterator]) === 'function';
};

const isAsync = <T>(events: Iterable<T> | AsyncIterable<T>): events is AsyncIterable<T> =>
  (events as Partial<AsyncIterable<T>>)[Symbol.asyncIterator] !== undefined;

/** Opens a journal of events for appending, and makes it when it is not there. */
export function openEventJournal<Event, EventInput = Event>(
  options: EventJournalOptions<Event, EventInput>,
): Promise<EventJournal<Event, EventInput>> {
  return EventJournal.open(options);
}
