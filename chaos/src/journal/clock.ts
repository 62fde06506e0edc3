/** Microseconds on the clock that all processes of a machine share. */
export const now = (): number => Number(process.hrtime.bigint() / 1_000n);

/** Holds the thread until then: a timer is late by a millisecond. */
export function spinUntil(time: number): void {
  while (now() < time);
}
