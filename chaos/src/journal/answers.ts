/** What a process said, put together. */
import type { Helper } from './helper.ts';
import type { ErrorText, Job, Look } from './jobs.ts';
import type { Place } from './records.ts';

/** Of one job that writes. */
export interface Written {
  readonly from: Place | undefined;
  /** All sequences below are acknowledged, and since when this is known, in microseconds. */
  readonly acks: readonly { readonly below: number; readonly at: number }[];
  readonly trimmed: number;
  readonly closingAt: number | undefined;
  readonly refused: ErrorText | undefined;
  readonly isDone: boolean;
  /** How the process ended while it had this job, where it did: killed, or dead, or it hangs. */
  readonly ended: string | undefined;
}

/** Collects what is said of a job that was given, up to its end. `heard` is told of each word. */
export async function collect(helper: Helper, heard: (word: string) => void = () => undefined): Promise<Written> {
  let from: Place | undefined;
  const acks: { below: number; at: number }[] = [];
  let trimmed = 0;
  let closingAt: number | undefined;
  const end = (more: { refused?: ErrorText; isDone?: boolean; ended?: string }): Written => ({
    from,
    acks,
    trimmed,
    closingAt,
    refused: undefined,
    isDone: false,
    ended: undefined,
    ...more,
  });
  for (;;) {
    const line = await helper.line();
    if (line === undefined) return end({ ended: helper.howItEnded() ?? 'ended' });
    const [word, rest = ''] = line;
    const [first, second] = rest.split(' ').map(Number) as [number, number];
    if (word === 'from') from = { sequence: first, items: second };
    else if (word === 'at') acks.push({ below: first, at: second });
    else if (word === 'trimming') trimmed = first;
    else if (word === 'closing') closingAt = first;
    else if (word === 'refused') return end({ refused: JSON.parse(rest) as ErrorText });
    else if (word === 'done') return end({ isDone: true });
    heard(word!);
  }
}

/** The answer of a `look`, both of its parts as one: the first that is wrong. A process that dies of it is told as such. */
export async function look(helper: Helper, job: Job & { do: 'look' }): Promise<Look | { readonly died: string }> {
  helper.give(job);
  const all = await oneLook(helper);
  const some = await oneLook(helper);
  return isWhole(all) ? (isWhole(some) ? all : some) : all;
}

export async function oneLook(helper: Helper): Promise<Look | { readonly died: string }> {
  const line = await helper.line();
  if (line === undefined) return { died: helper.howItEnded() ?? 'ended' };
  return JSON.parse(line[1]!) as Look;
}

const isWhole = (look: Look | { readonly died: string }): boolean => 'seen' in look && look.seen.fault === undefined;

/** What is wrong with a look that nothing may be wrong with. */
export function lookFault(look: Look | { readonly died: string }): string | undefined {
  if ('died' in look) return `whoever reads the journal ${look.died}`;
  if ('refused' in look) return `${look.where} refuses: ${look.refused.message}`;
  return look.seen.fault === undefined ? undefined : `the journal is not what was written: ${look.seen.fault}`;
}
