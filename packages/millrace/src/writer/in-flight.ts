import type { LaneBatch } from './lane-batch.ts';
import type { Place } from './place.ts';

/** What has become of a batch that the destination does not have for certain. */
export const FLIGHT = {
  /** It is being filled, or it is the writer's turn to say what happens to it. */
  held: 0,
  /** The destination's promise is pending. */
  pending: 1,
  /** The promise has resolved. */
  landed: 2,
  /** `write` has thrown, or its promise has rejected. */
  refused: 3,
} as const;

/** A batch, and where it begins. */
export class Flight {
  batch: LaneBatch;
  /** How far the destination has come once it has everything in front of the batch. */
  readonly begin: Place;
  state: number = FLIGHT.held;
  error: unknown;
  /** How often the destination refused what the batch begins with. */
  refusals = 0;
  /** Items behind the batch, up to the next one that is open, which the destination has. */
  behind = 0;

  constructor(batch: LaneBatch, begin: Place) {
    this.batch = batch;
    this.begin = begin;
  }
}

/**
 * The batches that are open, in order: handed over and not acknowledged, refused, or being filled over several lanes. What is
 * done with may be noted up to where the oldest of them begins. A batch that the destination takes at once is never open.
 */
export class InFlight {
  /** How far everything has come that was read, but for what is open. */
  readonly ahead: Place;
  readonly open: Flight[] = [];
  /** So many of them wait for their promises. */
  pending = 0;
  private readonly makePlace: () => Place;
  private readonly spare: Flight[] = [];

  constructor(ahead: Place, makePlace: () => Place) {
    this.ahead = ahead;
    this.makePlace = makePlace;
  }

  /** How far the destination has come: it has everything below. */
  get place(): Place {
    return this.open.length === 0 ? this.ahead : this.open[0]!.begin;
  }

  get isEmpty(): boolean {
    return this.open.length === 0;
  }

  /** The destination has all that lies in front of `place`, and nothing else: what is open is in the writer's hand. */
  get isInHand(): boolean {
    return this.open.every(({ state, behind }) => state === FLIGHT.held && behind === 0);
  }

  /** Opens a batch that begins where everything else has come to. */
  add(batch: LaneBatch): Flight {
    const flight = this.spare.pop() ?? new Flight(batch, this.makePlace());
    flight.batch = batch;
    flight.begin.copyFrom(this.ahead);
    this.open.push(flight);
    return flight;
  }

  /** The destination took something at once that follows upon all that is open. */
  took(items: number): void {
    const last = this.open.at(-1);
    if (last !== undefined) last.behind += items;
  }

  /** The destination took the first items of an open batch, or all of it. */
  tookOf(flight: Flight, items: number): void {
    const at = this.open.indexOf(flight);
    if (at > 0) this.open[at - 1]!.behind += items;
  }

  /** A batch is done with: the destination has its `items`. */
  close(flight: Flight, items: number): void {
    this.tookOf(flight, items + flight.behind);
    this.open.splice(this.open.indexOf(flight), 1);
    this.forget(flight);
  }

  /** Everything is read anew from the place on. */
  clear(): void {
    this.ahead.copyFrom(this.place);
    for (const flight of this.open.splice(0)) this.forget(flight);
  }

  /** The oldest open batch in that state. */
  find(state: number): Flight | undefined {
    return this.open.find((flight) => flight.state === state);
  }

  private forget(flight: Flight): void {
    flight.state = FLIGHT.held;
    flight.error = undefined;
    flight.behind = 0;
    flight.refusals = 0;
    this.spare.push(flight);
  }
}
