/** What may come of a race. */
import type { Written } from './answers.ts';
import { lookFault } from './answers.ts';
import type { Run } from './content.ts';
import type { Look, Via } from './jobs.ts';

export interface Racer {
  readonly plan: { readonly writer: number; readonly via: Via; readonly sequences: number };
  readonly releasedAt: number;
  /** When the harness killed it. */
  readonly killedAt: number | undefined;
  readonly written: Written;
  /** All others had ended before it was released. */
  readonly isAlone: boolean;
  /** It ended before any other one was released. */
  readonly isBefore: boolean;
}

/**
 * What is wrong; undefined where nothing is. Those that are apart take each other for dead. So one may lose the journal to another
 * one, at any moment, and two may refuse each other, but nothing that was acknowledged is lost.
 */
export function raceFault(
  racers: readonly Racer[],
  look: Look | { readonly died: string },
  areApart = false,
): string | undefined {
  return (
    racers.map((racer) => endingFault(racer, areApart)).find((fault) => fault !== undefined) ??
    (areApart ? undefined : togetherFault(racers)) ??
    (areApart ? undefined : nobodyFault(racers.filter(({ isBefore }) => !isBefore))) ??
    contentFault(racers, look)
  );
}

const nameOf = ({ plan: { writer, via } }: Racer): string => `writer ${writer} (${via})`;

const OUR_SIGNAL = 'died of SIGKILL';

function endingFault(racer: Racer, areApart: boolean): string | undefined {
  const { written, killedAt, isAlone } = racer;
  const { ended, refused } = written;
  if (ended !== undefined) {
    return killedAt === undefined || !ended.startsWith(OUR_SIGNAL) ? `${nameOf(racer)} ${ended}` : undefined;
  }
  if (refused === undefined) return undefined;
  if (refused.code !== 'IN_USE') return `${nameOf(racer)} was not refused as IN_USE: ${refused.message}`;
  if (isAlone) return `${nameOf(racer)} was refused when nobody else lived: ${refused.message}`;
  if (areApart) return undefined;
  if (written.acks.length > 0) return `${nameOf(racer)} acknowledged, and lost the journal then: ${refused.message}`;
  return undefined;
}

/** A writer holds the journal from its first acknowledgement until it begins to close, or dies. */
function togetherFault(racers: readonly Racer[]): string | undefined {
  for (const first of racers) {
    const { acks, closingAt } = first.written;
    if (acks.length === 0) continue;
    const until = Math.min(closingAt ?? Number.POSITIVE_INFINITY, first.killedAt ?? Number.POSITIVE_INFINITY);
    for (const second of racers) {
      if (second === first) continue;
      const held = second.written.acks.find(({ at }) => at >= acks[0]!.at && at < until);
      if (held !== undefined) {
        return `${nameOf(second)} acknowledged what is below ${held.below} while ${nameOf(first)} held the journal`;
      }
    }
  }
  return undefined;
}

function nobodyFault(racers: readonly Racer[]): string | undefined {
  const someDied = racers.some(({ killedAt }) => killedAt !== undefined);
  const someGotIn = racers.some(({ written }) => written.isDone);
  return someDied || someGotIn ? undefined : 'every process was refused, and none of them was killed';
}

function contentFault(racers: readonly Racer[], look: Look | { readonly died: string }): string | undefined {
  const acknowledged = racers.find(({ written: { acks } }) => acks.length > 0);
  if ('refused' in look && look.refused.code === 'NO_JOURNAL') {
    return acknowledged && `${nameOf(acknowledged)} acknowledged, and there is no journal`;
  }
  const fault = lookFault(look);
  if (fault !== undefined || !('seen' in look)) return fault;
  const { position, runs } = look.seen;
  for (const racer of racers) {
    const { written, plan } = racer;
    const { from, acks } = written;
    if (from === undefined) continue;
    const below = acks.at(-1)?.below ?? from.sequence;
    if (below > position.sequence) {
      return `${nameOf(racer)} acknowledged what is below ${below}, and the journal ends at ${position.sequence}`;
    }
    const wrong = runs.find((run) => run.writer !== plan.writer && holds(run, firstOwn(racer, from), below));
    if (wrong !== undefined) {
      return `${nameOf(racer)} acknowledged ${from.sequence} to ${below}, and writer ${wrong.writer} has written there`;
    }
    const more = runs.find((run) => run.writer === plan.writer && run.from.sequence >= from.sequence + plan.sequences);
    if (more !== undefined) return `${nameOf(racer)} has written ${more.from.sequence}, which it never did`;
  }
  return undefined;
}

/** A flow goes on within a sequence, of which the one before it may have written the beginning. */
const firstOwn = ({ plan }: Racer, from: { readonly sequence: number }): number =>
  plan.via === 'events' ? from.sequence : from.sequence + 1;

/** Has it a record of these sequences? */
function holds({ from, last }: Run, first: number, below: number): boolean {
  return Math.max(from.sequence, first) < Math.min(last.sequence + 1, below);
}
