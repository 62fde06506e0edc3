/** What is known, without stopping anything, when somebody asks who holds the line. */
export interface HeadFacts {
  /** The lowest sequence that is not yet published, and the end of those that have arrived. */
  readonly acked: number;
  readonly arrived: number;
  /** Processor that has the head's ticket, -1 when none has taken it, and where that ticket ends. */
  readonly owner: number;
  readonly ticketEnd: number;
  /** Everything below this is computed, as far as that processor has begun it: the event at which it is, or the next one. */
  readonly computed: number;
  /** The writer has something of that processor's to deliver, and does not sleep for more; and the sequence at which it is. */
  readonly isDelivering: boolean;
  readonly delivering: number;
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

/**
 * Who holds the line: a small pure rule, so that it can be tested case by case. The publish cursor lags behind what is done:
 * events without items are told at the end of a ticket, and quick batches are acknowledged together. So the head is the
 * sequence at which the work stands: the processor's where the writer has nothing to do, and the writer's otherwise.
 */
export function headHolder(facts: HeadFacts): HeadHolder {
  const { acked, arrived, owner, ticketEnd, computed, isDelivering, delivering } = facts;
  if (acked >= arrived) return { by: 'nobody' };
  if (owner < 0) return { by: 'coordinator', sequence: acked };
  const end = Math.min(ticketEnd, arrived);
  if (!isDelivering && computed < end) {
    return { by: 'processor', processor: owner, sequence: Math.max(acked, computed) };
  }
  const last = Math.max(acked, Math.min(computed, end - 1));
  return { by: 'writer', sequence: Math.min(Math.max(acked, delivering), last) };
}
