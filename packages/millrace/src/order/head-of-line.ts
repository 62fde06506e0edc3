/** What is known, without stopping anything, when somebody asks who holds the line. */
export interface HeadFacts {
  /** The lowest sequence that is not yet published, and the end of those that have arrived. */
  readonly acked: number;
  readonly arrived: number;
  /** Processor that has the head's ticket, -1 when none has taken it, and the sequence that it is at. */
  readonly owner: number;
  readonly ownerAt: number;
}

export type HeadHolder =
  /** Nothing is outstanding. */
  | { readonly by: 'nobody' }
  /** No processor has taken the head's ticket yet. */
  | { readonly by: 'coordinator'; readonly sequence: number }
  /** A processor has not completed it. */
  | { readonly by: 'processor'; readonly processor: number; readonly sequence: number }
  /** It is computed; the writer has not delivered all of it. */
  | { readonly by: 'writer'; readonly sequence: number };

/** Who holds the line: a small pure rule, so that it can be tested case by case. */
export function headHolder({ acked, arrived, owner, ownerAt }: HeadFacts): HeadHolder {
  if (acked >= arrived) return { by: 'nobody' };
  if (owner < 0) return { by: 'coordinator', sequence: acked };
  if (ownerAt > acked) return { by: 'writer', sequence: acked };
  return { by: 'processor', processor: owner, sequence: acked };
}
