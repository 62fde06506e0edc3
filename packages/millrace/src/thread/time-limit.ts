import { after } from 'native-free-rings/waits';
import { MillraceError } from './errors.ts';

/** What `promise` settles to. Rejects with what `late` returns where that takes longer than `ms`; 0: it may take for ever. */
export async function within<T>(ms: number, promise: T | PromiseLike<T>, late: () => Error): Promise<T> {
  if (ms === 0) return await promise;
  let cancel = (): void => {};
  const limit = new Promise<never>((_, reject) => {
    cancel = after(ms, () => reject(late()));
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    cancel();
  }
}

/** What a user does about a promise of theirs that does not settle. */
const REMEDY = 'let the promise settle, or raise `startTimeoutMs` (0: no limit)';

/** `close` or `dispose` takes too long. */
export const notSettled = (ms: number): Error => new Error(`it has not settled after ${ms} ms: ${REMEDY}`);

/** `close` or `dispose` keeps its thread from telling that it takes too long. */
export const notReturned = (part: string, who: string, ms: number): string =>
  `${part} of ${who} has not returned after ${ms} ms, and its thread is blocked: let it return, or raise \`startTimeoutMs\` (0: no limit)`;

/** A thread is not ready in time: with what it imports, or, without a URL, with what it runs then. */
export function startTimeout(who: string, url: string | undefined, ms: number): MillraceError {
  const what = url === undefined ? 'run its `init` and its warm-up' : `imported ${url} (a top-level await?)`;
  return new MillraceError('START_TIMEOUT', `${who} has not ${what} after ${ms} ms: ${REMEDY}`, { thread: who });
}
