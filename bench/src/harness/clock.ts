const CALIBRATIONS = 16;

/**
 * Microseconds on the clock that all threads of the machine share. `performance.now()` alone counts from the start of its own
 * thread; the difference is measured once, and the least of a few tries is the one that nothing interrupted.
 */
export function sharedClock(): () => number {
  let offsetUs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < CALIBRATIONS; i++) {
    const nowUs = performance.now() * 1e3;
    offsetUs = Math.min(offsetUs, Number(process.hrtime.bigint()) / 1e3 - nowUs);
  }
  return () => performance.now() * 1e3 + offsetUs;
}
