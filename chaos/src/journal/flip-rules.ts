/** What may come of damaged bytes: everything is there, or TORN_STORE. */
import type { Written } from './answers.ts';
import type { ErrorText, Look, Seen } from './jobs.ts';
import type { Place } from './records.ts';

type Found = Look | { readonly died: string };

export interface Probed {
  /** What `journalPosition` said; what was read from the start, and from somewhere on. */
  readonly position: Found;
  readonly all: Found;
  readonly some: Found;
  /** What came of appending, and of reading after it. */
  readonly appended: Written | undefined;
  readonly after: Found | undefined;
  readonly ended: string | undefined;
}

/** `before`: what the journal had before it was damaged. `isGone`: the file is missing that says that this is a journal. */
export function flipFault(probed: Probed, before: Seen, appends: number, isGone: boolean): string | undefined {
  const { position, all, some, appended, after, ended } = probed;
  if (ended !== undefined) return `the process that read it ${ended}`;
  return (
    foundFault(position, isGone, ({ position }) => positionFault(position, before.position)) ??
    foundFault(all, isGone, (seen) => wholeFault(seen, before, before.position)) ??
    foundFault(some, isGone, (seen) => positionFault(seen.position, before.position)) ??
    (appended && appendFault(appended, after!, before, appends, isGone))
  );
}

/** Was the damage noticed by anybody? */
export const isRefused = ({ position, all, some, appended, after }: Probed): boolean =>
  [position, all, some, after].some((found) => found !== undefined && 'refused' in found) ||
  appended?.refused !== undefined;

function refusalFault({ code, message }: ErrorText, where: string, isGone: boolean): string | undefined {
  if (code === 'TORN_STORE' || (isGone && code === 'FOREIGN_STORE')) return undefined;
  return `${where} refuses, but not as TORN_STORE: ${message}`;
}

function foundFault(found: Found, isGone: boolean, check: (seen: Seen) => string | undefined): string | undefined {
  if ('died' in found) return `the process that read it ${found.died}`;
  if ('refused' in found) return refusalFault(found.refused, found.where, isGone);
  return found.seen.fault === undefined ? check(found.seen) : `it is read without a word, and ${found.seen.fault}`;
}

const positionFault = (position: Place, wanted: Place): string | undefined =>
  position.sequence === wanted.sequence && position.items === wanted.items
    ? undefined
    : `the position is ${JSON.stringify(position)} in place of ${JSON.stringify(wanted)}`;

function wholeFault(seen: Seen, before: Seen, position: Place): string | undefined {
  if (seen.begin !== before.begin) return `it begins at ${seen.begin} in place of ${before.begin}`;
  return positionFault(seen.position, position);
}

function appendFault(
  { refused, ended, acks }: Written,
  after: Found,
  before: Seen,
  appends: number,
  isGone: boolean,
): string | undefined {
  if (ended !== undefined) return `the process that appended ${ended}`;
  if (refused !== undefined) {
    const fault = refusalFault(refused, 'appending', isGone);
    if (fault !== undefined) return fault;
  }
  const { sequence, items } = before.position;
  // What is refused at once has changed nothing; what is acknowledged has to be there.
  const below = acks.at(-1)?.below;
  const wanted = below === undefined ? { sequence, items } : { sequence: below, items: 0 };
  if (refused === undefined && below !== sequence + appends) {
    return `${appends} were appended to ${sequence}, and acknowledged up to ${below}`;
  }
  return foundFault(after, isGone, (seen) => wholeFault(seen, before, wanted));
}
