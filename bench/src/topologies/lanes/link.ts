/**
 * A link between two stages as a lane of native-free-rings: items lie in it where the next stage reads them. What a stage asks
 * for is a shared word, not a message.
 *
 *   asked      owner: the stage after; reader: the stage before. Items asked for since the link was made, wraps.
 *   sleepers   two eventcounts: of the stage before, and of the stage after
 */
import { ANY, type EventCount, LaneConsumer, type LaneHandle, LaneProducer } from 'native-free-rings';

/** Causes for which a stage sleeps: room in one lane, or anything else. */
export const WORK = 1;
export const ROOM = 2;

/** Kinds of records: what a record's `count` says. */
export const TASK = 1;
export const BATCH_PART = 2;
export const BATCH_END = 3;
export const ANNOUNCEMENT = 4;
/** The round is over for the stage before. */
export const END = 5;

export interface LaneLink {
  readonly lane: LaneHandle;
  readonly asked: Int32Array<SharedArrayBuffer>;
}

export class LaneOut {
  readonly lane: LaneProducer;
  /** Items of this link since it was made. */
  sent = 0;
  /** Records of all kinds but the end. */
  records = 0;
  readonly #asked: Int32Array<SharedArrayBuffer>;
  readonly #next: EventCount;

  constructor({ lane, asked }: LaneLink, next: EventCount) {
    this.lane = new LaneProducer(lane);
    this.#asked = asked;
    this.#next = next;
  }

  get asked(): number {
    return Atomics.load(this.#asked, 0);
  }

  /** What the next stage has asked for and not got. */
  get demand(): number {
    return (this.asked - this.sent) | 0;
  }

  /** Ends the claim that is open on the lane, and shows the record. */
  commit(bytes: number, sequence: number, kind: number): void {
    this.lane.commit(bytes, sequence, kind, 0);
    this.lane.publish();
    if (kind !== END) this.records++;
    this.#next.wakeFor(WORK, ANY);
  }

  /** A record without payload. False when there is no room. */
  trySend(sequence: number, kind: number): boolean {
    if (this.lane.tryClaim(0) < 0) return false;
    this.commit(0, sequence, kind);
    return true;
  }
}

/** The part of a lane that is read before it is given back, unless there is nothing else to read. */
const RELEASE_PART = 1 / 8;

/** The current record stays where it is until `take`. */
export class LaneIn {
  readonly lane: LaneConsumer;
  ended = false;
  #has = false;
  readonly #asked: Int32Array<SharedArrayBuffer>;
  readonly #before: EventCount;

  constructor({ lane, asked }: LaneLink, before: EventCount) {
    this.lane = new LaneConsumer(lane);
    this.#asked = asked;
    this.#before = before;
  }

  /** True when there is a record to look at. The end of the round is taken at once, and never seen. */
  look(): boolean {
    if (this.#has) return true;
    if (!this.lane.next()) {
      this.#release();
      return false;
    }
    if (this.lane.count !== END) this.#has = true;
    else {
      this.ended = true;
      this.#release();
    }
    return this.#has;
  }

  /** Done with the record. */
  take(): void {
    this.#has = false;
    if (this.lane.peekUnreleased() > RELEASE_PART) this.#release();
  }

  ask(items: number): void {
    Atomics.store(this.#asked, 0, (this.#asked[0] + items) | 0);
    this.#before.wakeFor(WORK, ANY);
  }

  #release(): void {
    if (this.lane.peekUnreleased() === 0) return;
    this.lane.release();
    this.#before.wakeFor(ROOM, ANY);
  }
}

/** The output whose stage has asked for most; undefined when none has asked. */
export function neediest(outputs: readonly LaneOut[]): LaneOut | undefined {
  let best: LaneOut | undefined;
  let most = 0;
  for (const output of outputs) {
    const { demand } = output;
    if (demand > most) [best, most] = [output, demand];
  }
  return best;
}
