/** Why a publisher refuses an event, or a call. */
import { MillraceError } from '../thread/errors.ts';
import { messageOf } from '../thread/thrown.ts';

export function refused(cause: unknown): MillraceError {
  const message = messageOf(cause);
  return new MillraceError('EVENT_REFUSED', `an event cannot be published: ${message}`, { cause });
}

export const nested = (what: string): MillraceError =>
  new MillraceError(
    'EVENT_REFUSED',
    `${what} in the middle of a publish: a getter of the event that is being written calls it. Publish plain values`,
  );

export const tooLarge = (bytes: number, most: number): string =>
  `it takes ${bytes} bytes and the source ring takes ${most} at most: give the pipeline dataBytes ${2 ** Math.ceil(Math.log2(2 * bytes))} or more`;

export const growing = (): RangeError =>
  new RangeError(
    'it takes more bytes each time it is read: it has a getter that gives something else each time. Publish plain values',
  );

/** Refuses what is no number of sequences. */
export function expectCount(call: string, count: unknown): void {
  if (Number.isSafeInteger(count) && (count as number) >= 0) return;
  throw new MillraceError('BAD_OPTIONS', `${call}(${String(count)}); give how many sequences, an integer from 0 on`);
}

export const revokedHandle = (): MillraceError =>
  new MillraceError('HANDLE_REVOKED', 'the flow has revoked this handle: ask it for a new one');
