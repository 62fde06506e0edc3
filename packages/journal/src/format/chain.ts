/** From the pages of the segments to the journal: which segments follow each other, and where each of them ends. */
import { isBefore, type Progress, START } from '../progress.ts';
import type { End, Mark, SegmentHeader } from './page.ts';

/** What was read of a segment's file. */
export interface SegmentPage {
  readonly generation: number;
  readonly header: SegmentHeader;
  readonly mark: Mark | 'opening' | 'given up';
  /** Length of the file. */
  readonly bytes: number;
}

export interface Segment {
  readonly generation: number;
  readonly begin: Progress;
  /** What counts of it. */
  readonly end: End;
}

export interface Chain {
  /** In order, without gaps; empty while nobody has opened the journal. */
  readonly segments: readonly Segment[];
  /** The newest segment whose owner has opened the journal. */
  readonly top: (SegmentPage & { readonly mark: Mark }) | undefined;
  readonly trimmed: number;
  readonly position: Progress;
}

/** What `journal.json` says of the segments. */
export interface Newest {
  readonly generation: number;
  readonly previous: number;
}

/**
 * Follows the segments from the newest one back. `endOf` says where the newest one ends. Returns what is wrong as a text.
 */
export function chainOf(
  newest: Newest,
  pages: readonly SegmentPage[],
  endOf: (top: SegmentPage & { readonly mark: Mark }) => End,
): Chain | string {
  const byGeneration = new Map(pages.map((page) => [page.generation, page]));
  const top = pages
    .filter(isOpened)
    .reduce<Chain['top']>((a, b) => (a && a.generation > b.generation ? a : b), undefined);
  const own = byGeneration.get(newest.generation);
  const expected = own === undefined || isOpened(own) ? newest.generation : newest.previous;
  if ((top?.generation ?? 0) < expected) return `segment ${expected} is missing`;
  if (top === undefined) return { segments: [], top, trimmed: 0, position: START };
  const { trimmed } = top.mark;
  const end = endOf(top);
  const segments: Segment[] = [{ generation: top.generation, begin: top.mark.begin, end }];
  for (let page = top; page.mark.previous !== 0; ) {
    const { begin, previous, previousEnd } = page.mark;
    const before = byGeneration.get(previous);
    if (before === undefined || !isOpened(before) || previous >= page.generation) {
      if (isBefore({ sequence: trimmed, items: 0 }, begin)) return `segment ${previous} is missing`;
      break;
    }
    if (before.bytes < previousEnd)
      return `segment ${previous} is cut off: it has ${before.bytes} of ${previousEnd} bytes`;
    segments.unshift({ generation: previous, begin: before.mark.begin, end: { ...begin, byte: previousEnd } });
    page = before;
  }
  return { segments, top, trimmed, position: { sequence: end.sequence, items: end.items } };
}

const isOpened = (page: SegmentPage): page is SegmentPage & { readonly mark: Mark } => typeof page.mark === 'object';
