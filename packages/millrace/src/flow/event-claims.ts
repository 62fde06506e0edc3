import { setImmediate } from 'node:timers';
import {
  type ArrayName,
  arrayOf,
  type Codec,
  describeSchema,
  type Memory,
  type WritableView,
  writableView,
} from '@millrace/codec';
import { type EventRingProducer, FULL } from 'native-free-rings';
import { MillraceError } from '../thread/errors.ts';

/** `begin` while no claim is open: an index from which no loop reaches an element. */
const NOWHERE = -(2 ** 30);

const NONE = 0;
const EVENT = 1;
const MANY = 2;

/** A typed array over the events of a source ring. */
export type EventArray = Memory[ArrayName];

/**
 * Events that are filled in place, in the slots of the source ring: one by the setters of an object, or many by a loop over a typed
 * array. One claim is open at a time.
 */
export class EventClaims {
  /** The source ring as the typed array of its codec; undefined where it has none. */
  readonly items: EventArray | undefined;
  /** Index of the first event of the open claim. */
  begin: number = NOWHERE;
  private readonly ring: EventRingProducer;
  private readonly codec: Codec<unknown, never> | undefined;
  private readonly view: WritableView<unknown> | undefined;
  private open: typeof NONE | typeof EVENT | typeof MANY = NONE;
  private settling: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  /** The open claim was given by a promise in this turn of the event loop: whoever awaits it may not have come to it yet. */
  private isOnTheWay = false;
  /** Number of the claim that was given so last. */
  private given = 0;

  constructor(ring: EventRingProducer, codec: Codec<unknown, never> | undefined) {
    this.ring = ring;
    this.codec = codec;
    const array = codec && arrayOf(codec);
    this.items = array && ring.memory[array];
    this.view = codec && writableView(codec, ring.memory);
  }

  get isOpen(): boolean {
    return this.open !== NONE;
  }

  /** Somebody else's claim is on the way to them: no call is to blame for it, and it is like a ring without room. */
  get isGiven(): boolean {
    return this.isOnTheWay;
  }

  /** The open claim is given by a promise. */
  give(): void {
    const claim = ++this.given;
    this.isOnTheWay = true;
    setImmediate(() => {
      if (claim !== this.given || !this.isOnTheWay) return;
      this.isOnTheWay = false;
      this.wake();
    });
  }

  /** Resolves when no claim is on the way: it is settled, or its taker has it. */
  async taken(): Promise<void> {
    while (this.isOnTheWay) await this.settled();
  }

  /** The object that fills the next slot, which is zeroed; undefined where there is no room. */
  tryNext(): unknown {
    if (this.view === undefined) throw this.otherCodec('next() fills events of a struct');
    this.expectNone('next()');
    const sequence = this.ring.tryClaim();
    if (sequence === FULL) return undefined;
    this.open = EVENT;
    return this.view.moveTo(this.ring.offsetOf(sequence));
  }

  /** Claims 1 to `most` slots that lie side by side; 0 where there is no room. */
  tryClaim(most: number): number {
    if (this.items === undefined)
      throw this.otherCodec('claim(n) fills events of one number type (u8 … f64, i64, u64)');
    this.expectNone('claim(n)');
    if (!Number.isSafeInteger(most) || most < 1) {
      throw new MillraceError(
        'BAD_OPTIONS',
        `claim(${String(most)}); give how many events at most, an integer from 1 on`,
      );
    }
    const sequence = this.ring.tryClaimSome(most);
    if (sequence === FULL) return 0;
    this.open = MANY;
    this.begin = sequence & (this.ring.capacity - 1);
    return this.ring.claimLength;
  }

  /** Ends the open claim: the event of `next()`, or the first `count` of `claim(n)`. Where it throws, the claim stays open. */
  commit(count: number | undefined): void {
    if (this.open === EVENT) {
      if (count !== undefined) {
        throw new MillraceError(
          'BAD_OPTIONS',
          `commit(${String(count)}) of an event of next(); give no number: commit()`,
        );
      }
      this.ring.commit();
    } else if (this.open === MANY) {
      const most = this.ring.claimLength;
      if (!Number.isSafeInteger(count) || count! < 0 || count! > most) {
        throw new MillraceError(
          'BAD_OPTIONS',
          `commit(${String(count)}) of a claim of ${most}; give how many of them were filled, an integer from 0 to ${most}`,
        );
      }
      this.ring.commitFirst(count!);
    } else throw nothingOpen('commit');
    this.settle();
  }

  /** Gives the open claim back. */
  abort(): void {
    if (this.open === NONE) throw nothingOpen('abort');
    this.ring.abort();
    this.settle();
  }

  /** Gives what is open back, if there is anything, for an end of the source. */
  drop(): void {
    if (this.open !== NONE) this.abort();
  }

  /** Refuses what is not possible while a claim is open. */
  expectNone(call: string): void {
    if (this.open === NONE) return;
    const [what, how] = this.open === EVENT ? ['next()', 'commit()'] : ['claim(n)', 'commit(k)'];
    throw new MillraceError(
      'EVENT_REFUSED',
      `${call} while what ${what} gave is open: call ${how} first, or abort() to give it back`,
    );
  }

  /** Resolves when the open claim is settled, or has been taken: look again. Not a promise where none is open. */
  settled(): Promise<void> | undefined {
    if (this.open === NONE) return undefined;
    if (this.settling === undefined) {
      let resolve = (): void => {};
      const promise = new Promise<void>((settle) => {
        resolve = settle;
      });
      this.settling = { promise, resolve };
    }
    return this.settling.promise;
  }

  private settle(): void {
    if (this.open === EVENT) this.view!.park();
    this.open = NONE;
    this.begin = NOWHERE;
    this.isOnTheWay = false;
    this.wake();
  }

  private wake(): void {
    if (this.settling === undefined) return;
    this.settling.resolve();
    this.settling = undefined;
  }

  private otherCodec(what: string): MillraceError {
    const source = this.codec === undefined ? 'bare sequences' : describeSchema(this.codec.schema);
    return new MillraceError('BAD_OPTIONS', `${what}, and the source has ${source}: use publish`);
  }
}

const nothingOpen = (call: string): MillraceError =>
  new MillraceError('EVENT_REFUSED', `${call} without an open claim: it follows next() or claim(n), once`);
