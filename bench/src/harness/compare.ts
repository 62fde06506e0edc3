import { expectedAnswer } from '../workloads/expected.ts';
import type { Answer } from '../workloads/w1.ts';
import { type OrderedResult, type OrderedSetting, verify } from './contender.ts';
import { rotated } from './rotation.ts';
import { PLAIN_LOOP } from './standing.ts';
import { withRemotes } from './with-remotes.ts';

export interface Entry {
  readonly name: string;
  /**
   * Part of the setting's events that it runs, where a full round would take minutes (piscina per event at K = 0 needs 300 times
   * as long as the loop). It is then compared with the plain loop over that same part.
   */
  readonly share?: number;
}

/** One round of one contender, as measured. */
export interface RoundRecord {
  readonly name: string;
  readonly round: number;
  readonly events: number;
  readonly ms: number;
  readonly cpuMs: number;
  readonly loopMs?: number;
  readonly loopCpuMs?: number;
  readonly items: number;
  readonly checksum: number;
  readonly peakRssBytes: number;
}

export interface Comparison {
  readonly label: string;
  readonly registry: URL;
  readonly entries: readonly Entry[];
  readonly setting: OrderedSetting;
  readonly threads: number;
  readonly rounds: number;
}

interface Turn {
  readonly name: string;
  readonly setting: OrderedSetting;
}

/**
 * Runs the contenders round by round, each in its own process, in an order which rotates, with the plain loop as one of them.
 * The answer of every round is verified; a wrong one throws.
 */
export async function compare(comparison: Comparison): Promise<RoundRecord[]> {
  const turns = turnsOf(comparison);
  const names = [...new Set(turns.map((turn) => turn.name))];
  const expected = new Map<number, Answer>();
  for (const { setting } of turns) {
    if (!expected.has(setting.events)) expected.set(setting.events, expectedAnswer(setting.work, setting.events));
  }
  const { registry, threads, rounds, label } = comparison;
  return withRemotes<OrderedSetting, OrderedResult, RoundRecord[]>(registry, names, { threads }, async (remotes) => {
    const byName = new Map(remotes.map((remote) => [remote.name, remote]));
    const records: RoundRecord[] = [];
    for (let round = 1; round <= rounds; round++) {
      for (const { name, setting } of rotated(turns, round)) {
        const { result, cost } = await byName.get(name)!.round(setting);
        verify(name, label, result, expected.get(setting.events)!);
        records.push({
          name,
          round,
          events: setting.events,
          peakRssBytes: cost.peakRssBytes,
          ...result,
        });
      }
    }
    return records;
  });
}

/** Every contender once, and the plain loop once for each number of events that somebody runs. */
function turnsOf({ entries, setting }: Comparison): Turn[] {
  const contenders = entries.map(({ name, share = 1 }) => ({
    name,
    setting: { ...setting, events: Math.ceil(setting.events * share) },
  }));
  const eventCounts = new Set([setting.events, ...contenders.map((turn) => turn.setting.events)]);
  const loops = [...eventCounts].map((events) => ({ name: PLAIN_LOOP, setting: { ...setting, events } }));
  return [...loops, ...contenders.filter((turn) => turn.name !== PLAIN_LOOP)];
}
