/**
 * What a caller saw when it asked before. A thread does not look at the clock for each event, so that a time that it shows may
 * lie before the event began; whoever asks again and again knows better, because it saw the thread elsewhere meanwhile.
 */
export class Sightings {
  private readonly seen = new Map<string, { value: number; at: number; notBefore: number }>();

  /** `who` is at `value` now. Returns a time before which it was not, in milliseconds of `performance.now()`. */
  see(who: string, value: number, now: number): number {
    const last = this.seen.get(who);
    const notBefore = last === undefined || last.value === value ? last?.notBefore : last.at;
    this.seen.set(who, { value, at: now, notBefore: notBefore ?? Number.NEGATIVE_INFINITY });
    return notBefore ?? Number.NEGATIVE_INFINITY;
  }
}
