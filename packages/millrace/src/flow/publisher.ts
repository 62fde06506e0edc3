import type { Codec } from '@millrace/codec';
import {
  type EventRingHandle,
  EventRingProducer,
  FULL,
  type PlaceOwner,
  RingError,
  type WaitStrategy,
} from 'native-free-rings';
import { Interrupt, interruptible } from 'native-free-rings/waits';
import type { TicketLogHandle } from '../order/ticket-log-descriptor.ts';
import type { Control } from '../thread/control-block.ts';
import { MillraceError } from '../thread/errors.ts';
import { EventLoopTurn } from '../thread/event-loop-turn.ts';
import { EventClaims } from './event-claims.ts';
import { EventWriter } from './event-writer.ts';
import { expectCount, nested, refused, revokedHandle } from './publish-errors.ts';
import { isAsyncIterable, isMany, type Publishable, publishAfter } from './publishable.ts';
import { TicketWaker } from './ticket-waker.ts';

/** Events written before a producer of many shows them at once. */
const SHOW_EVERY = 64;

export interface PublisherOptions {
  /** Called when there may be something new for whoever takes no part in the flow's wake-ups. */
  readonly shown?: () => void;
  /** True once nothing more is taken from this publisher. */
  readonly isRevoked?: () => boolean;
  readonly owner?: PlaceOwner;
}

/** Writes events into the source ring and wakes the processors that wait for them. One for each producing thread. */
export class Publisher<Event> {
  /** What is filled in place; where and how far, its user asks here. */
  readonly claims: EventClaims;
  private readonly ring: EventRingProducer;
  /** Undefined: bare sequences. */
  private readonly codec: Codec<unknown, Event> | undefined;
  private readonly writer: EventWriter<Event> | undefined;
  private readonly waker: TicketWaker;
  private readonly control: Control;
  /** This publisher closed the ring. (Where another one did, a claim fails.) */
  private isClosed = false;
  /** Its place in the ring was given back. */
  private isGone = false;
  /** Calls that wait for room: none may block this thread meanwhile. */
  private waits = 0;
  /** An exception has kept this publisher from giving its claim back. */
  private mustAbort = false;
  private waiting: Promise<void> = Promise.resolve();
  /** Streams that are being published: they may be silent when the flow ends. */
  private readonly streams = new Set<Interrupt>();
  private readonly shown: () => void;
  private readonly isRevoked: () => boolean;
  /** Made once: a function that makes one takes memory each time it is called, whether it comes to that or not. */
  private readonly stopsWait = (): boolean => this.endsWait();

  constructor(
    ring: EventRingHandle,
    codec: Codec<unknown, Event> | undefined,
    tickets: TicketLogHandle,
    control: Control,
    { shown = () => {}, isRevoked = () => false, owner }: PublisherOptions = {},
  ) {
    this.shown = shown;
    this.isRevoked = isRevoked;
    this.ring = new EventRingProducer(ring, owner);
    this.codec = codec;
    this.writer = codec && new EventWriter(this.ring, codec);
    this.claims = new EventClaims(this.ring, codec);
    this.waker = new TicketWaker(tickets, control, this.ring.peekEnd());
    this.control = control;
  }

  /** Writes and shows one event. False when there is no room; the caller keeps its event. */
  tryPublish(event: Event): boolean {
    if (!this.tryWrite(event)) return false;
    this.show();
    return true;
  }

  /** Publishes one event, or many. Undefined: it was one, and is in the ring. Throws where nothing is taken any more. */
  publish(events: Publishable<Event>, signal?: AbortSignal): Promise<void> | undefined {
    if (this.claims.isGiven) return publishAfter(this.claims.taken(), events, () => this.publish(events, signal));
    const isStream = isAsyncIterable<Event>(events);
    if (!isStream && !isMany<Event>(events, this.codec)) {
      return this.tryPublish(events) ? undefined : this.publishOne(events, signal);
    }
    this.expectOpen();
    this.claims.expectNone('publish');
    return isStream ? this.publishStream(events, signal) : this.publishAll(events, signal);
  }

  /** Publishes one event, blocking this thread while there is no room. */
  publishBlocking(event: Event, strategy: WaitStrategy): void {
    while (!this.tryPublish(event)) this.waitBlocking(strategy);
  }

  /** Blocks this thread until there is room, it seems, for what the last try has found none for. */
  waitBlocking(strategy: WaitStrategy): void {
    this.expectNoWait();
    this.ring.waitForRoom(strategy, 1, this.writer?.bytesWanted ?? 0, this.stopsWait);
    this.expectOpen();
  }

  async publishOne(event: Event, signal?: AbortSignal): Promise<void> {
    for (;;) {
      while (this.claims.isOpen) await this.claims.settled();
      if (this.tryPublish(event)) return;
      await this.waitForRoom(signal);
    }
  }

  /** The object that fills the next event; undefined where there is no room. */
  tryNext(): unknown {
    if (this.claims.isGiven) return undefined;
    this.expectToFill('next()');
    return this.claims.tryNext() ?? this.fullUnlessClosed(undefined);
  }

  next(signal?: AbortSignal): Promise<unknown> {
    return this.whenRoom(() => this.tryNext(), signal);
  }

  /** How many events, of `most`, may be filled side by side; 0 where there is no room. */
  tryClaim(most: number): number {
    if (this.claims.isGiven) return 0;
    this.expectToFill('claim(n)');
    const room = this.claims.tryClaim(most);
    return room > 0 ? room : this.fullUnlessClosed(0);
  }

  claim(most: number, signal?: AbortSignal): Promise<number> {
    return this.whenRoom(() => this.tryClaim(most) || undefined, signal);
  }

  /** What a try gives, once it has found room. */
  private async whenRoom<T>(attempt: () => T | undefined, signal: AbortSignal | undefined): Promise<T> {
    if (this.claims.isGiven) await this.claims.taken();
    for (;;) {
      const given = attempt();
      if (given !== undefined) {
        this.claims.give();
        return given;
      }
      await this.waitForRoom(signal);
      while (this.claims.isOpen) await this.claims.settled();
    }
  }

  /** Shows what was filled. */
  commit(count: number | undefined): void {
    this.claims.commit(count);
    this.show();
  }

  /** Gives what is open back. */
  abortClaim(): void {
    this.claims.abort();
    this.show();
  }

  /** Passes over up to `count` sequences, and shows that. Returns how many; 0 where there is no room. */
  trySkip(count: number, call = 'trySkip'): number {
    if (this.claims.isGiven) return 0;
    this.expectToFill('skip(n)');
    expectCount(call, count);
    const some = Math.min(count, this.ring.loadFree());
    if (some === 0 || this.ring.trySkip(some) === FULL) return this.fullUnlessClosed(0);
    this.show();
    return some;
  }

  /** Passes over `count` sequences, blocking this thread while there is no room. */
  skipBlocking(count: number, strategy: WaitStrategy): void {
    for (let left = count; ; ) {
      left -= this.trySkip(left, 'skip');
      if (left <= 0) return;
      this.expectNoWait();
      this.ring.waitToSkip(strategy, 1, this.stopsWait);
      this.expectOpen();
    }
  }

  async skip(count: number, signal?: AbortSignal): Promise<void> {
    if (this.claims.isGiven) await this.claims.taken();
    for (let left = count; ; ) {
      left -= this.trySkip(left, 'skip');
      if (left <= 0) return;
      await this.waitForRoom(signal, true);
      while (this.claims.isOpen) await this.claims.settled();
    }
  }

  async publishAll(events: Iterable<Event>, signal?: AbortSignal): Promise<void> {
    let unshown = 0;
    const turn = new EventLoopTurn();
    try {
      for (const event of events) {
        while (this.claims.isOpen || !this.tryWrite(event)) {
          this.show();
          if (this.claims.isOpen) await this.claims.settled();
          else await this.waitForRoom(signal);
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
        if (this.claims.isOpen || !this.tryPublish(event)) await this.publishOne(event, signal);
      }
    } finally {
      this.streams.delete(interrupt);
      interrupt.dispose();
    }
  }

  /** Ends the publishing of streams, which may be silent for long, and gives what is open back. */
  interrupt(error: unknown): void {
    this.claims.drop();
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
    expectCount('advance', count);
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
   * Ends the source: nothing more is taken from now on, by any producer. Returns the sequence at which it ends. Refuses inside a
   * getter of an event that is being written.
   */
  close(): number {
    this.endClaims();
    this.isClosed = true;
    const end = this.ring.close();
    this.afterShow();
    return end;
  }

  /** Gives the place in the ring back, whatever is open. Calls that wait for room end. */
  leave(): void {
    this.isGone = true;
    this.ring.detach();
    this.wakeShown();
  }

  /** The sequence after everything that this thread has published, and other producers have claimed, so far. */
  loadNext(): number {
    return this.ring.loadNext();
  }

  private tryWrite(event: Event): boolean {
    if (this.isClosed || this.isEnding()) this.expectOpen();
    const { writer } = this;
    if (writer === undefined)
      throw new MillraceError('NOT_A_RING_SOURCE', 'the source is bare sequences: use flow.advance(n)');
    if (writer.isSizing) throw nested('publish');
    let wrote: boolean;
    try {
      wrote = writer.tryWrite(event);
    } catch (cause) {
      if (!(cause instanceof RingError)) throw this.refused(cause);
      if (cause.code !== 'ALREADY_CLAIMED') throw cause;
      if (this.claims.isGiven) return false;
      this.expectNotWriting('publish');
      return this.tryWrite(event);
    }
    if (!wrote && this.ring.isClosed()) this.expectOpen();
    return wrote;
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

  /** Gives back what is open. Refuses inside a getter of an event that is being written. */
  endClaims(): void {
    this.claims.drop();
    if (this.isWriting()) this.expectNotWriting('the end of the source');
  }

  /** Where a claim is open: refuses a call in the middle of it, and gives back one that was left behind. */
  private expectNotWriting(call: string): void {
    this.claims.expectNone(call);
    if (!this.mustAbort) throw nested(call);
    this.abort();
  }

  private isWriting(): boolean {
    return this.ring.hasOpenClaim() || this.writer?.isSizing === true;
  }

  private expectToFill(call: string): void {
    if (this.isClosed || this.isEnding()) this.expectOpen();
    if (this.isWriting()) this.expectNotWriting(call);
  }

  /** What a try says that found no room; where the source has ended, it throws. */
  private fullUnlessClosed<T>(full: T): T {
    if (this.ring.isClosed()) this.expectOpen();
    return full;
  }

  /** Lets the processors see what was written, and wakes those whose tickets it fills. */
  show(): void {
    this.ring.publish();
    this.afterShow();
  }

  private afterShow(): void {
    this.wakeShown();
    this.shown();
  }

  /** A shared ring shows, also on its own before a wait, what other producers have committed: whoever shows it wakes. */
  private wakeShown(): void {
    this.waker.wakeTo(this.ring.peekEnd());
  }

  /** Calls of `publish` that wait do so one after the other: an eventcount has one sleeper. */
  private async waitForRoom(signal: AbortSignal | undefined, toSkip = false): Promise<void> {
    const before = this.waiting;
    const stopped = (): boolean => this.endsWait() || signal?.aborted === true;
    const bytes = this.writer?.bytesWanted ?? 0;
    const wait = before.then(async () => {
      while (this.claims.isOpen) await this.claims.settled();
      await (toSkip ? this.ring.waitToSkipAsync(1, stopped) : this.ring.waitForRoomAsync(1, bytes, stopped));
    });
    this.waiting = wait;
    this.waits++;
    try {
      if (signal === undefined) await wait;
      else await this.waitOrAbort(wait, signal);
    } finally {
      this.waits--;
    }
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

  /** An eventcount has one sleeper. */
  private expectNoWait(): void {
    if (this.waits === 0) return;
    throw new MillraceError(
      'EVENT_REFUSED',
      'the ring is full, and a `publishAll` of this producer waits for room already: await that first',
    );
  }

  private isEnding(): boolean {
    return this.isGone || this.control.isStopping() || this.isRevoked();
  }

  /** What the ring asks between showing all that is committed and going to sleep. */
  private endsWait(): boolean {
    this.wakeShown();
    return this.isEnding();
  }

  /** The source has ended, here or by a drain. */
  get isEnded(): boolean {
    return this.isClosed || this.ring.isClosed();
  }

  /** Throws where nothing is taken any more. */
  expectOpen(): void {
    // In this order: a flow that has ended by itself is stopping as well.
    if (this.isEnded)
      throw new MillraceError('FLOW_ENDED', 'publish after drain: the source has ended. Start a new flow');
    if (this.control.isStopping()) throw new MillraceError('FLOW_STOPPED', 'the flow has been stopped or has failed');
    if (this.isRevoked()) throw revokedHandle();
    if (this.isGone) throw new MillraceError('FLOW_ENDED', 'this producer has been closed: attach another one');
  }
}
