import { MillraceError } from '../thread/errors.ts';

/** Refuses what is given as `signal` and is none. One of another realm is one, so its class is not looked at. */
export function expectSignal(call: string, signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  if (typeof signal?.throwIfAborted === 'function' && typeof signal.addEventListener === 'function') return;
  throw new MillraceError(
    'BAD_OPTIONS',
    `${call}: signal is no AbortSignal; give the \`signal\` of an AbortController`,
  );
}
