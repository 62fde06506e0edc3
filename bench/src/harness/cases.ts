import { PLAIN_LOOP, type RoundRecord } from './compare.ts';
import { median, PHASES, phaseOf, type Spread, spread } from './statistics.ts';

/** One line of the result file. */
export interface Case extends Spread {
  readonly name: string;
  /** Speed against the warm plain loop of the same run: 1 is as fast, 2 is twice as fast. */
  readonly ratioToLoop?: number;
  readonly unit: string;
}

const nsPerEvent = (ms: number, events: number): number => (ms * 1e6) / events;

/**
 * The cases of one comparison. A contender is compared with the plain loop over as many events; the loop's first round is cold
 * and is left out, everywhere but in its own phase `first`.
 */
export function casesOf(prefix: string, records: readonly RoundRecord[]): Case[] {
  const warmLoop = new Map<number, number[]>();
  for (const { name, round, events, ms } of records) {
    if (name === PLAIN_LOOP && round > 1) warmLoop.set(events, [...(warmLoop.get(events) ?? []), ms]);
  }
  const fullEvents = Math.max(...records.map((record) => record.events));
  const cases: Case[] = [];
  for (const name of new Set(records.map((record) => record.name))) {
    const own = records.filter(
      (record) => record.name === name && (name !== PLAIN_LOOP || record.events === fullEvents),
    );
    for (const phase of PHASES) {
      const inPhase = own.filter((record) => phaseOf(record.round) === phase);
      if (inPhase.length === 0) continue;
      const values = spread(inPhase.map((record) => nsPerEvent(record.ms, record.events)));
      const loop = loopNsPerEvent(inPhase, warmLoop);
      const ratioToLoop = loop === undefined ? undefined : loop / values.median;
      cases.push({ name: `${prefix}/${name}/${phase}`, ratioToLoop, ...values, unit: 'ns/event' });
    }
    const peaks = own.map((record) => record.peakRssBytes / 2 ** 20);
    cases.push({ name: `${prefix}/${name}/peak-rss`, ...spread([Math.max(...peaks)]), unit: 'MiB' });
  }
  return cases;
}

function loopNsPerEvent(
  records: readonly RoundRecord[],
  warmLoop: ReadonlyMap<number, readonly number[]>,
): number | undefined {
  const { events } = records[0];
  const own = records.flatMap((record) => (record.loopMs === undefined ? [] : [record.loopMs]));
  const loop = own.length > 0 ? own : warmLoop.get(events);
  return loop && nsPerEvent(median(loop), events);
}
