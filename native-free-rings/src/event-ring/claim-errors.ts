/** Why a producer of an event ring is refused a claim or a commit. */
import { RingError } from '../errors.ts';

export const mayNotClaim = (isDetached: boolean): RingError =>
  isDetached
    ? new RingError('DETACHED', 'this producer was detached: attach a new one')
    : new RingError('ALREADY_CLAIMED', 'commit or abort the open claim first');

export const nothingClaimed = (what: string): RingError =>
  new RingError('NOTHING_CLAIMED', `${what} follows a successful claim, once`);

export const tooMany = (count: number, most: number): RingError =>
  new RingError('TOO_LARGE', `a claim of ${count} records; this ring takes 1 to ${most} at a time`);

export const tooManyFilled = (count: number, claimed: number): RingError =>
  new RingError('TOO_LARGE', `commit of ${count} records; this claim took ${claimed}: commit 0 to ${claimed}`);

export const noSkips = (): RingError =>
  new RingError(
    'BAD_OPTION',
    'nothing can be skipped in this ring: create it with `skips`, ranges that are not released',
  );

export const tooMuch = (bytes: number, most: number): RingError =>
  new RingError('TOO_LARGE', `commit of ${bytes} bytes; this claim takes ${most}: fill no further than claimEnd`);

export const tooLarge = (bytes: number, most: number): RingError =>
  new RingError(
    'TOO_LARGE',
    `a record of ${bytes} bytes; this ring takes ${most} at most: create it with more dataBytes`,
  );

export const neverFree = (records: number, mostRecords: number, bytes: number, mostBytes: number): RingError =>
  new RingError(
    'TOO_LARGE',
    `a wait until ${records} records and ${bytes} bytes are free; this ring has ${mostRecords} and ${mostBytes}`,
  );
