/** What may come of a full disk. */
import { lookFault, type Written } from './answers.ts';
import type { Look } from './jobs.ts';

export interface FullRun {
  /** The process that fills the disk. */
  readonly first: Written;
  /** It gives disk back, and may so come to its end. */
  readonly mayEndWell: boolean;
  readonly before: Look | { readonly died: string };
  /** The process that goes on when there is room again. */
  readonly second: Written;
  readonly rest: number;
  readonly after: Look | { readonly died: string };
}

export function fullFault({ first, mayEndWell, before, second, rest, after }: FullRun): string | undefined {
  if (first.ended !== undefined) return `the process that filled the disk ${first.ended}`;
  if (first.isDone && !mayEndWell) return 'the process never met a full disk';
  if (first.refused !== undefined && first.refused.code !== 'STORE_FULL') {
    return `the process was not refused as STORE_FULL: ${first.refused.message}`;
  }
  const acknowledged = first.acks.at(-1)?.below ?? 0;
  const wasMade = !('refused' in before && before.refused.code === 'NO_JOURNAL');
  if (!wasMade && acknowledged > 0) return `${acknowledged} sequences were acknowledged, and there is no journal`;
  const beforeFault = wasMade ? contentFault(before, acknowledged, first.trimmed) : undefined;
  if (beforeFault !== undefined) return `with the disk full, ${beforeFault}`;
  if (second.ended !== undefined) return `the process that went on ${second.ended}`;
  if (second.refused !== undefined) return `there was room again, and it was refused: ${second.refused.message}`;
  const stood = 'seen' in before ? before.seen.position.sequence : 0;
  if (second.from?.sequence !== stood) return `the journal stood at ${stood}, and then at ${second.from?.sequence}`;
  const afterFault = contentFault(after, stood + rest, first.trimmed);
  return afterFault && `after it went on, ${afterFault}`;
}

function contentFault(
  look: Look | { readonly died: string },
  acknowledged: number,
  trimmed: number,
): string | undefined {
  const fault = lookFault(look);
  if (fault !== undefined || !('seen' in look)) return fault;
  const { position, begin } = look.seen;
  if (position.sequence < acknowledged)
    return `${acknowledged} was acknowledged, and the journal ends at ${position.sequence}`;
  return begin > trimmed ? `it was trimmed below ${trimmed}, and begins at ${begin}` : undefined;
}
