import type { Codec, FixedCodec, VariableCodec } from '@millrace/codec';
import {
  BUSY,
  type EventCount,
  type EventRingHandle,
  EventRingProducer,
  FULL,
  type PlaceOwner,
  RingError,
  type WaitStrategy,
} from 'native-free-rings';
import { Interrupt, interruptible } from 'native-free-rings/waits';
import { NOBODY, TicketFollower } from '../order/ticket-follower.ts';
import type { TicketLogHandle } from '../order/ticket-log-descriptor.ts';
import { CAUSES } from '../thread/causes.ts';
import { type Control, FIRST_PROCESSOR } from '../thread/control-block.ts';
import { MillraceError } from '../thread/errors.ts';
import { EventLoopTurn } from '../thread/event-loop-turn.ts';
import { messageOf } from '../thread/thrown.ts';
import { isAsyncIterable, isMany, type Publishable } from './publishable.ts';

/** Events written before a producer of many shows them at once. */
const SHOW_EVERY = 64;

/** So often room is looked for for one event of varying length, whose getters may give more at each time they are read. */
const MOST_TRIES = 4;

export interface PublisherOptions {
  /** Called when there may be something new for whoever takes no part in the flow's wake-ups. */
  readonly shown?: () => void;
  /** This thread may block until another producer has released the ring. Not the main thread. */
  readonly blocks?: boolean;
  /** True once nothing more is taken from this publisher. */
  readonly isRevoked?: () => boolean;
  readonly owner?: PlaceOwner;
}

/** Writes events into the source ring and wakes the processors that wait for them. One for each producing thread. */
export class Publisher<Event> {
  private readonly ring: EventRingProducer;
  /** Undefined: bare sequences. */
  private readonly codec: Codec<unknown, Event> | undefined;
  private readonly tickets: TicketFollower;
  private readonly control: Control;
  private readonly processors: EventCount[] = [];
  /** This publisher closed the ring. (Where another one did, a claim fails.) */
  private isClosed = false;
  /** An exception has kept this publisher from giving its claim back. */
  private mustAbort = false;
  /** Bytes of the event that did not fit, in a source whose events vary in length. */
  private bytesWanted = 0;
  private waiting: Promise<void> = Promise.resolve();
  /** Streams that are being published: they may be silent when the flow ends. */
  private readonly streams = new Set<Interrupt>();
  /** The processors of tickets below this were woken. */
  private wokenEnd: number;
  private readonly shown: () => void;
  private readonly blocks: boolean;
  private readonly isRevoked: () => boolean;
  /** Shows what is committed once another producer has released the ring. */
  private showing: Promise<void> | undefined;
  /** Made once: a function that makes one takes memory each time it is called, whether it comes to that or not. */
  private readonly stopsWait = (): boolean => this.endsWait();

  constructor(
    ring: EventRingHandle,
    codec: Codec<unknown, Event> | undefined,
    tickets: TicketLogHandle,
    control: Control,
    { shown = () => {}, blocks = false, isRevoked = () => false, owner }: PublisherOptions = {},
  ) {
    this.shown = shown;
    this.blocks = blocks;
    this.isRevoked = isRevoked;
    this.ring = new EventRingProducer(ring, owner);
    this.wokenEnd = this.ring.peekEnd();
    this.codec = codec;
    this.tickets = new TicketFollower(tickets);
    this.control = control;
    for (let i = FIRST_PROCESSOR; i < control.threads; i++) this.processors.push(control.eventcount(i));
  }

  /** Writes and shows one event. False when there is no room; the caller keeps its event. */
  tryPublish(event: Event): boolean {
    if (!this.tryWrite(event)) return false;
    this.show();
    return true;
  }

  /** Publishes one event, or many. Undefined: it was one, and is in the ring. Throws where nothing is taken any more. */
  publish(events: Publishable<Event>, signal?: AbortSignal): Promise<void> | undefined {
    const isStream = isAsyncIterable<Event>(events);
    if (!isStream && !isMany<Event>(events, this.codec)) {
      return this.tryPublish(events) ? undefined : this.publishOne(events, signal);
    }
    this.expectOpen();
    return isStream ? this.publishStream(events, signal) : this.publishAll(events, signal);
  }

  /** Publishes one event, blocking this thread while there is no room. */
  publishBlocking(event: Event, strategy: WaitStrategy): void {
    while (!this.tryPublish(event)) {
      this.ring.waitForRoom(strategy, 1, this.bytesWanted, this.stopsWait);
      this.expectOpen();
    }
  }

  async publishOne(event: Event, signal?: AbortSignal): Promise<void> {
    while (!this.tryPublish(event)) await this.waitForRoom(signal);
  }

  async publishAll(events: Iterable<Event>, signal?: AbortSignal): Promise<void> {
    let unshown = 0;
    const turn = new EventLoopTurn();
    try {
      for (const event of events) {
        while (!this.tryWrite(event)) {
          this.show();
          await this.waitForRoom(signal);
          turn.begin();
        }
        if (++unshown < SHOW_EVERY) continue;
        unshown = 0;
        this.show();
        if (!turn.isOver()) continue;
        await turn.give();
        this.expectOpen();
        signal?.throwIfAborted();
      }
    } finally {
      this.show();
    }
  }

  async publishStream(events: AsyncIterable<Event>, signal?: AbortSignal): Promise<void> {
    const interrupt = new Interrupt(signal);
    this.streams.add(interrupt);
    try {
      for await (const event of interruptible(events, interrupt)) {
        signal?.throwIfAborted();
        if (!this.tryPublish(event)) await this.publishOne(event, signal);
      }
    } finally {
      this.streams.delete(interrupt);
      interrupt.dispose();
    }
  }

  /** Ends the publishing of streams, which may be silent for long. */
  interruptStreams(error: unknown): void {
    for (const stream of this.streams) stream.now(error);
  }

  /** Hands out `count` bare sequences. */
  async advance(count: number, signal?: AbortSignal): Promise<void> {
    if (this.codec !== undefined) {
      throw new MillraceError(
        'NOT_A_RING_SOURCE',
        'advance is for a source of bare sequences(): use flow.publish(events)',
      );
    }
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new MillraceError(
        'BAD_OPTIONS',
        `advance(${String(count)}); give how many sequences, an integer from 0 on`,
      );
    }
    for (let left = count; left > 0; ) {
      if (this.isEnding() || this.ring.isClosed()) this.expectOpen();
      const some = Math.min(left, this.ring.loadFree());
      if (some > 0 && this.ring.tryClaim(some) !== FULL) {
        this.ring.commit();
        this.show();
        left -= some;
      } else await this.waitForRoom(signal);
    }
  }

  /**
   * Ends the source: nothing more is taken here from now on. Returns the sequence at which it ends; undefined where another
   * producer holds the ring just now, and `closeLater` has to wait for that. Refuses inside a getter of an event that is being
   * written.
   */
  close(): number | undefined {
    this.expectNoClaim();
    this.isClosed = true;
    return this.closed(this.ring.tryClose());
  }

  /** The same; undefined when the flow was stopped before. */
  async closeLater(): Promise<number | undefined> {
    return this.closed(await this.ring.closeAsync(this.stopsWait));
  }

  detach(): void {
    this.expectNoClaim();
    if (this.blocks) this.ring.detach(this.stopsWait);
    else void this.ring.detachAsync(this.stopsWait)?.then(() => this.afterShow());
    this.wakeShown();
  }

  loadEnd(): number {
    return this.ring.peekEnd();
  }

  private tryWrite(event: Event): boolean {
    if (this.isClosed || this.isEnding()) this.expectOpen();
    const { codec } = this;
    if (codec === undefined)
      throw new MillraceError('NOT_A_RING_SOURCE', 'the source is bare sequences: use flow.advance(n)');
    let wrote: boolean;
    try {
      wrote = codec.kind === 'fixed' ? this.tryWriteFixed(event, codec) : this.tryWriteVariable(event, codec);
    } catch (cause) {
      if (!(cause instanceof RingError)) throw this.refused(cause);
      if (cause.code !== 'ALREADY_CLAIMED') throw cause;
      if (!this.mustAbort) throw nested('publish');
      this.abort();
      return this.tryWrite(event);
    }
    if (!wrote && this.ring.isClosed()) this.expectOpen();
    return wrote;
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
    // A shared ring takes exact claims, so the size has to be known; else the event is written into what room there is.
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
    throw new RangeError(
      'it takes more bytes each time it is read: it has a getter that gives something else each time. Publish plain values',
    );
  }

  /** What was thrown while an event was written: the codec's refusal, or the engine's, where the stack is used up. */
  private refused(cause: unknown): MillraceError {
    this.mustAbort = true;
    this.abort();
    this.show();
    return refused(cause);
  }

  /** Where the stack is used up this may not come to its end; then the next publish does it. */
  private abort(): void {
    if (this.ring.hasOpenClaim()) this.ring.abort();
    this.mustAbort = false;
  }

  private expectNoClaim(): void {
    if (this.mustAbort) this.abort();
    if (this.ring.hasOpenClaim()) throw nested('the end of the source');
  }

  private sizeOf(event: Event, codec: VariableCodec<unknown, Event>): number {
    return Math.max(-codec.write(this.ring.memory, 0, 0, event), 0);
  }

  /** Lets the processors see what was written, and wakes those whose tickets it fills. */
  show(): void {
    if (this.blocks) this.ring.publish(this.stopsWait);
    else if (this.ring.tryPublish() === BUSY) this.showing ??= this.showLater();
    this.afterShow();
  }

  private async showLater(): Promise<void> {
    await this.ring.publishAsync(this.stopsWait);
    this.showing = undefined;
    this.afterShow();
  }

  private closed(end: number): number | undefined {
    if (end === BUSY) return undefined;
    this.afterShow();
    return end;
  }

  private afterShow(): void {
    this.wakeShown();
    this.shown();
  }

  /** A shared ring shows, also on its own before a wait, what other producers have committed: whoever shows it wakes. */
  private wakeShown(): void {
    const begin = this.wokenEnd;
    const end = this.ring.peekEnd();
    if (end <= begin) return;
    this.wokenEnd = end;
    this.wakeOwners(begin, end);
  }

  private wakeOwners(begin: number, end: number): void {
    const { tickets } = this;
    while (tickets.look(begin) && tickets.begin < end) {
      // Nobody has the ticket: whoever takes it looks at the source before it sleeps.
      if (tickets.end > begin && tickets.owner !== NOBODY) this.processors[tickets.owner]!.wake(CAUSES.input, end);
      if (tickets.end > end) return;
      tickets.index++;
    }
  }

  /** Calls of `publish` that wait do so one after the other: an eventcount has one sleeper. */
  private async waitForRoom(signal: AbortSignal | undefined): Promise<void> {
    const before = this.waiting;
    const stopped = (): boolean => this.endsWait() || signal?.aborted === true;
    const bytes = this.bytesWanted;
    const wait = before.then(() => this.ring.waitForRoomAsync(1, bytes, stopped));
    this.waiting = wait;
    if (signal === undefined) await wait;
    else await this.waitOrAbort(wait, signal);
    this.expectOpen();
  }

  /** Gives up at once, also behind another wait; its place in the line is then passed over. */
  private async waitOrAbort(wait: Promise<void>, signal: AbortSignal): Promise<void> {
    const interrupt = new Interrupt(signal);
    try {
      await interrupt.or(wait);
    } finally {
      interrupt.dispose();
      if (interrupt.interrupted) this.ring.wake();
    }
  }

  private isEnding(): boolean {
    return this.control.isStopping() || this.isRevoked();
  }

  /** What the ring asks between showing all that is committed and going to sleep. */
  private endsWait(): boolean {
    this.wakeShown();
    return this.isEnding();
  }

  /** Throws where nothing is taken any more. */
  expectOpen(): void {
    // In this order: a flow that has ended by itself is stopping as well.
    if (this.isClosed || this.ring.isClosed())
      throw new MillraceError('FLOW_ENDED', 'publish after drain: the source has ended. Start a new flow');
    if (this.control.isStopping()) throw new MillraceError('FLOW_STOPPED', 'the flow has been stopped or has failed');
    if (this.isRevoked())
      throw new MillraceError('HANDLE_REVOKED', 'the flow has revoked this handle: ask it for a new one');
  }
}

function refused(cause: unknown): MillraceError {
  const message = messageOf(cause);
  return new MillraceError('EVENT_REFUSED', `an event cannot be published: ${message}`, { cause });
}

const nested = (what: string): MillraceError =>
  new MillraceError(
    'EVENT_REFUSED',
    `${what} in the middle of a publish: a getter of the event that is being written calls it. Publish plain values`,
  );

const tooLarge = (bytes: number, most: number): string =>
  `it takes ${bytes} bytes and the source ring takes ${most} at most: give the pipeline dataBytes ${2 ** Math.ceil(Math.log2(2 * bytes))} or more`;
