import { PLAIN_LOOP, type RoundRecord } from './compare.ts';
import { median, PHASES, phaseOf, type Spread, spread } from './statistics.ts';

/** One line of the result file. */
export interface Case extends Spread {
  readonly name: string;
  /** Speed against the warm plain loop of the same run: 1 is as fast, 2 is twice as fast. */
  readonly ratioToLoop?: number;
  readonly unit: string;
  /** Against what each answer was held, and found right: where the suite says so. */
  readonly check?: string;
}

const nsPerEvent = (ms: number, events: number): number => (ms * 1e6) / events;

/**
 * The cases of one comparison. A contender's round is compared with the plain loop's of the same round, over as many events, and
 * the median of these ratios is reported: what else the machine does changes within minutes and mostly strikes both. The loop's
 * own first round is cold, so first rounds are compared with its median.
 */
export function casesOf(prefix: string, records: readonly RoundRecord[]): Case[] {
  const loop = new WarmLoop(records);
  const fullEvents = Math.max(...records.map((record) => record.events));
  const cases: Case[] = [];
  for (const name of new Set(records.map((record) => record.name))) {
    const own = records.filter((one) => one.name === name && (name !== PLAIN_LOOP || one.events === fullEvents));
    for (const phase of PHASES) {
      const inPhase = own.filter((record) => phaseOf(record.round) === phase);
      if (inPhase.length === 0) continue;
      const ratios = inPhase.flatMap((record) => loop.ratioOf(record) ?? []);
      const ratioToLoop = ratios.length === 0 ? undefined : median(ratios);
      const ns = spread(inPhase.map((record) => nsPerEvent(record.ms, record.events)));
      cases.push({ name: `${prefix}/${name}/${phase}`, ratioToLoop, ...ns, unit: 'ns/event' });
    }
    const peaks = own.map((record) => record.peakRssBytes / 2 ** 20);
    cases.push({ name: `${prefix}/${name}/peak-rss`, ...spread([Math.max(...peaks)]), unit: 'MiB' });
  }
  return cases;
}

/** The plain loop's rounds from the second on. */
class WarmLoop {
  readonly #rounds: readonly RoundRecord[];

  constructor(records: readonly RoundRecord[]) {
    this.#rounds = records.filter(({ name, round }) => name === PLAIN_LOOP && round > 1);
  }

  /** How many times as fast as the loop a round was; undefined when there is no warm round of the loop to say so. */
  ratioOf({ name, round, events, ms, loopMs }: RoundRecord): number | undefined {
    if (loopMs !== undefined) return loopMs / ms;
    const rounds = this.#rounds.filter((one) => one.events === events);
    if (rounds.length === 0) return undefined;
    const beside = name === PLAIN_LOOP ? undefined : rounds.find((one) => one.round === round);
    return (beside?.ms ?? median(rounds.map((one) => one.ms))) / ms;
  }
}
