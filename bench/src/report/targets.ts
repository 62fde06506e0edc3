/** The targets against what was measured. */
import { number } from '../harness/table.ts';
import { table } from './markdown.ts';
import type { Results } from './results.ts';
import { TARGETS, type Target, type Wanted } from './target-list.ts';

export interface Verdict {
  readonly target: Target;
  /** The bound of the target, and on which side of it is right. */
  readonly wanted: number;
  readonly side: 'least' | 'most';
  readonly value: number | undefined;
  readonly met: boolean | undefined;
}

const asNumber = (wanted: Wanted, results: Results): number => (typeof wanted === 'number' ? wanted : wanted(results));

export function verdicts(results: Results): Verdict[] {
  return TARGETS.map((target) => {
    const side = target.least === undefined ? 'most' : 'least';
    const wanted = asNumber(target[side]!, results);
    const value = target.value(results);
    const met = value === undefined ? undefined : side === 'least' ? value >= wanted : value <= wanted;
    return { target, wanted, side, value, met };
  });
}

/** A bound as it was written where it is a constant; to three figures where it was computed. */
const wantedText = ({ target, wanted, side }: Verdict): string =>
  `${side === 'least' ? '≥' : '≤'} ${typeof target[side] === 'number' ? wanted : Number(wanted.toPrecision(3))} ${target.unit}`;

/** With one figure more where it would read like the bound that it misses. */
const precise = (value: number, wanted: number): string =>
  number(value) === number(wanted) && value !== wanted ? value.toPrecision(4) : number(value);

const besides = (value: number | undefined): string => (value === undefined ? '' : number(value));

export const targets = (results: Results): string =>
  table(
    ['target', 'wanted', 'measured', '', ...results.others.map(({ node }) => `Node ${node.replaceAll('v', '')}`)],
    verdicts(results).map((verdict) => {
      const { target, wanted, value, met } = verdict;
      return [
        target.text,
        wantedText(verdict),
        value === undefined ? 'not measured' : precise(value, wanted),
        met === undefined ? '' : met ? 'met' : '**missed**',
        ...results.others.map((other) => besides(target.value(other))),
      ];
    }),
  );

/** What is missed, each with the note that says what bounds it. */
export function shortfall(results: Results, notes: ReadonlyMap<string, string>): string {
  const missed = verdicts(results).filter(({ met }) => met === false);
  if (missed.length === 0) {
    return verdicts(results).some(({ met }) => met !== undefined) ? 'Every target that was measured is met.' : '';
  }
  return missed
    .map((verdict) => {
      const { target, value, wanted } = verdict;
      const note = notes.get(target.id) ?? 'Nothing is known yet about what bounds this.';
      return `**${target.text}**: ${precise(value!, wanted)} in place of ${wantedText(verdict)}. ${note}`;
    })
    .join('\n\n');
}
