/** One flow of a chaos run, all of it drawn from the seed. */
import { ALL_ITEM_KINDS, type ItemKind, NUMBER_KINDS, STRUCT_KINDS } from '../items.ts';
import { mix, Random } from '../random.ts';
import type { Work } from '../work.ts';
import type { Flights } from './flight.ts';
import { drawShots, type Shot } from './shots.ts';

export interface Scenario {
  readonly index: number;
  readonly items: ItemKind;
  /** Query of processor.ts: how the user's code is written. */
  readonly style: 'plain' | 'generated' | 'mixed';
  readonly picky: boolean;
  /** Items are written in every way that there is for them; and what is filled in is checked. */
  readonly ways: boolean;
  readonly checked: boolean;
  /** `count`: bare sequences that are all there; `advance`: handed out; the others: events in a ring. */
  readonly source: 'count' | 'advance' | 'struct' | 'value';
  readonly capacity: number;
  readonly destination: 'ring' | 'function' | 'idempotent' | 'committing';
  /** Of a ring. */
  readonly ringCapacity: number;
  /** Of a writer module. */
  readonly maxItems: number | undefined;
  readonly bySequence: boolean;
  readonly credit: boolean;
  readonly late: boolean;
  /** Of whoever takes the items on the main thread: pauses so often, in batches; 0 for never. */
  readonly slow: number;
  /** Of a function: refuses so often, in batches, in the middle of one; 0 for never. */
  readonly refuses: number;
  /** Of a function or a module that takes batches in any order; they come before what is said of it above. */
  readonly flights: Flights | undefined;
  readonly threads: number;
  readonly laneBytes: number;
  readonly batchBytes: number | undefined;
  readonly blockBytes: number | undefined;
  readonly ticketMs: number;
  readonly wait: 'adaptive' | 'park' | 'spin';
  readonly startAt: number;
  readonly events: number;
  readonly work: Work;
  readonly shots: readonly Shot[];
}

/** Items of a flow, about, so that a run is many flows. */
const MOST_ITEMS = 120_000;
const ITEM_BYTES: Readonly<Record<ItemKind, number>> = {
  i32: 4,
  struct: 24,
  value: 60,
  bytes: 50,
  u8: 1,
  f64: 8,
  i64: 8,
  row: 40,
};
const FIXED_KINDS = [...NUMBER_KINDS, ...STRUCT_KINDS];

export function drawScenario(seed: number, index: number): Scenario {
  const random = new Random(seed, index + 1);
  const items = random.pick(ALL_ITEM_KINDS);
  const isFixed = FIXED_KINDS.includes(items);
  const laneBytes = random.pick([isFixed ? 128 : 2_048, 2_048, 4_096, 16_384, 65_536, 1_048_576]);
  const destination = random.pick([
    'ring',
    'ring',
    'ring',
    'idempotent',
    'idempotent',
    'committing',
    'committing',
    'function',
  ] as const);
  const style = random.pick(['plain', 'plain', 'plain', 'generated', 'mixed'] as const);
  const startAt = random.pick([0, 0, 1_000, 2 ** 31 - 150, 2 ** 32 - 150, 5 * 2 ** 31 - 150]);
  const events = random.integer(150, 1_500);
  const threads = random.pick([1, 2, 2, 3]);
  const work = drawWork(random, mix(seed, index), events, laneBytes, ITEM_BYTES[items]);
  const isModule = destination === 'idempotent' || destination === 'committing';
  return {
    index,
    items,
    style,
    picky: random.chance(0.3),
    ways: isFixed && style !== 'generated' && random.chance(0.8),
    checked: isFixed && random.chance(0.1),
    source: random.pick(['count', 'count', 'advance', 'struct', 'struct', 'value']),
    capacity: random.pick([1, 4, 16, 64, 1_024]),
    destination,
    ringCapacity: random.pick([4, 64, 1_024, 4_096]),
    maxItems: isModule && random.chance(0.3) ? random.integer(1, 50) : undefined,
    bySequence: isModule && random.chance(0.2),
    credit: isModule && random.chance(0.2),
    late: isModule && random.chance(0.4),
    slow: random.pick([0, 0, 20, 5]),
    refuses: destination === 'function' ? random.pick([0, 7, 30]) : 0,
    flights: destination === 'ring' ? undefined : drawFlights(seed, index, destination),
    threads,
    laneBytes,
    batchBytes: random.pick([undefined, undefined, 16, 256]),
    blockBytes: random.pick([undefined, undefined, 1, 64, 300, 4_096]),
    ticketMs: random.pick([0.01, 0.1, 2]),
    wait: random.chance(0.08) ? 'spin' : random.pick(['adaptive', 'adaptive', 'park']),
    startAt,
    events,
    work,
    shots: drawShots(random, {
      work,
      startAt,
      events,
      threads,
      writer: destination === 'committing' ? 'committing' : isModule ? 'plain' : undefined,
      hasWriterThread: destination !== 'function',
      mayWait: style !== 'generated',
    }),
  };
}

/** By a chance of its own: the rest of a flow is what it would be without it. */
function drawFlights(seed: number, index: number, destination: Scenario['destination']): Flights | undefined {
  const random = new Random(mix(seed, 0xf11), index + 1);
  if (random.chance(0.3)) return undefined;
  const lingerMs = random.pick([undefined, undefined, 0, 1, 5]);
  const commits = destination === 'committing' || (destination === 'function' && random.chance(0.3));
  return {
    maxInFlight: random.pick([1, 2, 8, 64]),
    lingerMs,
    maxItems: random.pick([undefined, undefined, 1, 7, 50, 500]),
    bySequence: lingerMs === undefined && random.chance(0.2),
    credit: random.chance(0.25),
    readyAt: random.pick([1, 20, 200]),
    commits,
    late: random.pick([0, 0.3, 1, 1]),
    latestMs: random.pick([0, 1, 5]),
    refuses: random.pick([0, 0, 40, 7]),
    given: random.chance(0.5),
  };
}

function drawWork(random: Random, seed: number, events: number, laneBytes: number, itemBytes: number): Work {
  // Far more than a lane holds, where that is not too much.
  const largeItems = Math.min(Math.ceil((random.pick([1.5, 4, 15]) * laneBytes) / itemBytes), 40_000);
  const large = Math.min(
    Math.ceil(random.pick([2, 10, 30])),
    Math.floor((MOST_ITEMS * 1_000) / (events * 1.5 * largeItems)),
  );
  return {
    seed,
    rounds: random.pick([0, 2_000, 20_000, 50_000]),
    none: random.pick([200, 500, 900]),
    one: random.pick([0, 50]),
    large,
    largeItems,
  };
}
