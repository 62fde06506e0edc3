import type { RoundRecord } from './compare.ts';
import { PLAIN_LOOP } from './standing.ts';
import { median, PHASES, type Phase, phaseOf, type Spread, spread } from './statistics.ts';

/** One line of the result file. */
export interface Case extends Spread {
  readonly name: string;
  /**
   * Against the warm plain loop of the same run. Of a time: the speed, 1 is as fast and 2 is twice as fast. Of processor time: how
   * many times the loop's it is, so that less is better.
   */
  readonly ratioToLoop?: number;
  readonly unit: string;
  /** Against what each answer was held, and found right: where the suite says so. */
  readonly check?: string;
}

/** What is compared of a round. */
type Figure = 'ms' | 'cpuMs';

const nsPerEvent = (ms: number, events: number): number => (ms * 1e6) / events;

/** The case of processor time in a phase; that of the latest phase there is stands beside these as `cpu`. */
export const cpuName = (phase: Phase): string => `cpu-${phase}`;

/**
 * The cases of one comparison. A contender's round is compared with the plain loop's of the same round, over as many events, and
 * the median of these ratios is reported: what else the machine does changes within minutes and mostly strikes both. The loop's
 * own first round is cold, so first rounds are compared with its median.
 */
export function casesOf(prefix: string, records: readonly RoundRecord[]): Case[] {
  const times = new WarmLoop(records, 'ms');
  const cpuTimes = new WarmLoop(records, 'cpuMs');
  const fullEvents = Math.max(...records.map((record) => record.events));
  const cases: Case[] = [];
  for (const name of new Set(records.map((record) => record.name))) {
    const own = records.filter((one) => one.name === name && (name !== PLAIN_LOOP || one.events === fullEvents));
    const label = `${prefix}/${name}`;
    let cpu: Case | undefined;
    for (const phase of PHASES) {
      const inPhase = own.filter((record) => phaseOf(record.round) === phase);
      if (inPhase.length === 0) continue;
      const speeds = times.timesTheLoop(inPhase).map((ratio) => 1 / ratio);
      cases.push(caseOf(`${label}/${phase}`, inPhase, 'ms', speeds));
      cpu = caseOf(`${label}/${cpuName(phase)}`, inPhase, 'cpuMs', cpuTimes.timesTheLoop(inPhase));
      cases.push(cpu);
    }
    if (cpu) cases.push({ ...cpu, name: `${label}/cpu` });
    const peaks = own.map((record) => record.peakRssBytes / 2 ** 20);
    cases.push({ name: `${label}/peak-rss`, ...spread([Math.max(...peaks)]), unit: 'MiB' });
  }
  return cases;
}

function caseOf(name: string, rounds: readonly RoundRecord[], figure: Figure, ratios: readonly number[]): Case {
  const ratioToLoop = ratios.length === 0 ? undefined : median(ratios);
  const ns = spread(rounds.map((record) => nsPerEvent(record[figure], record.events)));
  return { name, ratioToLoop, ...ns, unit: 'ns/event' };
}

/** The plain loop's rounds from the second on. */
class WarmLoop {
  readonly #figure: Figure;
  readonly #rounds: readonly RoundRecord[];

  constructor(records: readonly RoundRecord[], figure: Figure) {
    this.#figure = figure;
    this.#rounds = records.filter(({ name, round }) => name === PLAIN_LOOP && round > 1);
  }

  /** For each round how many times the loop's its figure is; nothing where there is no warm round of the loop to say so. */
  timesTheLoop(rounds: readonly RoundRecord[]): number[] {
    return rounds.flatMap((record) => {
      const loop = this.#besides(record);
      return loop ? [record[this.#figure] / loop] : [];
    });
  }

  #besides({ name, round, events, loopMs, loopCpuMs }: RoundRecord): number | undefined {
    if (loopMs !== undefined) return this.#figure === 'ms' ? loopMs : loopCpuMs;
    const rounds = this.#rounds.filter((one) => one.events === events);
    if (rounds.length === 0) return undefined;
    const beside = name === PLAIN_LOOP ? undefined : rounds.find((one) => one.round === round);
    return beside?.[this.#figure] ?? median(rounds.map((one) => one[this.#figure]));
  }
}
