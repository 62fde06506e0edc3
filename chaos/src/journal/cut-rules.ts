/** What a power cut may take. */
import type { DURABILITIES } from '../process/plan.ts';
import { lookFault, type Written } from './answers.ts';
import type { Look } from './jobs.ts';

export interface CutState {
  readonly durability: (typeof DURABILITIES)[number];
  /** Where the journal stood before. */
  readonly stood: number;
  readonly written: Written;
  /** It was trimmed below at most so many. */
  readonly trimmed: number;
  /** One commit holds at most so many sequences. */
  readonly outstanding: number;
  readonly found: Look | { readonly died: string };
}

export function cutFault({ durability, stood, written, trimmed, outstanding, found }: CutState): string | undefined {
  const acknowledged = Math.max(stood, written.acks.at(-1)?.below ?? 0);
  if ('refused' in found && found.refused.code === 'NO_JOURNAL')
    return lossFault(durability, acknowledged, outstanding);
  // Nothing was flushed, and that may be seen.
  if (durability === 'none' && 'refused' in found && found.refused.code === 'TORN_STORE') return undefined;
  const fault = lookFault(found);
  if (fault !== undefined || !('seen' in found)) return fault;
  const { position, begin } = found.seen;
  if (begin > trimmed) return `it was trimmed below ${trimmed}, and begins at ${begin}`;
  return lossFault(durability, acknowledged - position.sequence, outstanding);
}

function lossFault(durability: string, lost: number, outstanding: number): string | undefined {
  const most = { none: Number.POSITIVE_INFINITY, batch: outstanding, always: 0 }[durability] ?? 0;
  return lost > most
    ? `${lost} sequences that were acknowledged at ${durability} are lost, more than ${most}`
    : undefined;
}
