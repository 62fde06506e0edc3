/** What a timer of the platform takes; it takes more for 1 millisecond. */
const LONGEST_TIMER_MS: number = 2 ** 31 - 1;

/** A number of milliseconds from 0 on. Infinity is one: never. */
export const isDuration = (value: unknown): value is number => typeof value === 'number' && value >= 0;

/** Calls `call` once after `ms` milliseconds, however many; never for Infinity. Returns what takes it back. */
export function after(ms: number, call: () => void, { keepsAlive = true }: { keepsAlive?: boolean } = {}): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let left = ms;
  const arm = (): void => {
    const some = Math.min(left, LONGEST_TIMER_MS);
    left -= some;
    timer = setTimeout(left > 0 ? arm : call, some);
    // A timer of a browser's kind, as in some test environments, is a number.
    if (!keepsAlive && typeof timer === 'object') timer.unref();
  };
  if (ms !== Number.POSITIVE_INFINITY) arm();
  return () => clearTimeout(timer);
}

/** Resolves when the promise has settled, however, with true; or after `ms` milliseconds with false. */
export async function settlesWithin(promise: PromiseLike<unknown>, ms: number): Promise<boolean> {
  return await new Promise<boolean>((resolve) => {
    const cancel = after(ms, () => resolve(false));
    const settled = (): void => {
      cancel();
      resolve(true);
    };
    promise.then(settled, settled);
  });
}
