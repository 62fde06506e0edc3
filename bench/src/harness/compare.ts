import type { Answer } from '../workloads/w1.ts';
import { expectedAnswer } from '../workloads/expected.ts';
import { type OrderedResult, type OrderedSetting, verify } from './contender.ts';
import { RemoteContender } from './remote.ts';
import { rotated } from './rotation.ts';

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
  readonly loopMs?: number;
  readonly items: number;
  readonly checksum: number;
  readonly cpuMs: number;
  readonly peakRssBytes: number;
}

export interface Comparison {
  readonly label: string;
  readonly registry: URL;
  readonly entries: readonly Entry[];
  readonly setting: OrderedSetting;
  readonly threads: number;
  readonly rounds: number;
  readonly onRound?: (record: RoundRecord) => void;
}

export const PLAIN_LOOP = 'plain-loop';

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
  const remotes = new Map<string, RemoteContender<OrderedSetting, OrderedResult>>();
  const records: RoundRecord[] = [];
  try {
    for (const name of names) remotes.set(name, await RemoteContender.start(comparison.registry, name, { threads: comparison.threads }));
    for (let round = 1; round <= comparison.rounds; round++) {
      for (const { name, setting } of rotated(turns, round)) {
        const { result, cost } = await remotes.get(name)!.round(setting);
        verify(name, comparison.label, result, expected.get(setting.events)!);
        const record = { name, round, events: setting.events, cpuMs: cost.cpuMs, peakRssBytes: cost.peakRssBytes, ...result };
        records.push(record);
        comparison.onRound?.(record);
      }
    }
    for (const remote of remotes.values()) await remote.stop();
    return records;
  } catch (error) {
    for (const remote of remotes.values()) remote.kill();
    throw error;
  }
}

/** Every contender once, and the plain loop once for each number of events that somebody runs. */
function turnsOf({ entries, setting }: Comparison): Turn[] {
  const contenders = entries.map(({ name, share = 1 }) => ({ name, setting: { ...setting, events: Math.ceil(setting.events * share) } }));
  const eventCounts = new Set([setting.events, ...contenders.map((turn) => turn.setting.events)]);
  const loops = [...eventCounts].map((events) => ({ name: PLAIN_LOOP, setting: { ...setting, events } }));
  return [...loops, ...contenders.filter((turn) => turn.name !== PLAIN_LOOP)];
}
