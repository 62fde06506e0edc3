import { MillraceError } from '../thread/errors.ts';

/** Throws unless `n` is a number of items that can be claimed. */
export function expectClaim(n: number, sequence: number): void {
  if (Number.isSafeInteger(n) && n >= 1) return;
  throw new MillraceError('EMIT_REFUSED', `claim(${String(n)}): give how many items may follow, an integer from 1 on`, {
    sequence,
  });
}

/** Throws unless `n` of the claimed items can be committed. `claimed`: 0 where no claim is open. */
export function expectCommit(n: number, claimed: number, sequence: number): void {
  if (claimed > 0 && Number.isSafeInteger(n) && n >= 0 && n <= claimed) return;
  const text =
    claimed === 0
      ? `commit(${String(n)}) without an open claim: call claim first, and commit once`
      : `commit(${String(n)}) of a claim of ${claimed} items: give how many of them are filled, an integer from 0 to ${claimed}`;
  throw new MillraceError('EMIT_REFUSED', text, { sequence });
}
