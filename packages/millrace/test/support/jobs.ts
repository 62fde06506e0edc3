import * as codec from '@millrace/codec';
import fc from 'fast-check';
import {
  type InputName,
  type Job,
  type JobCodecs,
  jobCodecs,
  type KindName,
  type OutputName,
} from '../fixtures/workload.mjs';

/** A random flow: the job, and everything about the flow that must not change its result. */
export interface Graph {
  job: Job;
  input: InputName;
  output: OutputName;
  kind: KindName;
  threads: number;
  sourceCapacity: number;
  ringCapacity: number;
  laneBytes: number;
  batchBytes: number;
  blockBytes: number;
  ticketMs: number;
  /** What a writer that is a module takes at a time. */
  takes: { maxItems?: number; batches?: 'sequence' };
}

export const CODECS: JobCodecs = jobCodecs(codec);

export interface Most {
  events: number;
  big: number;
  /** Items of all events together, about. */
  items: number;
  cost: number;
  threads: number;
  kinds: readonly KindName[];
  /** Smallest lane: an async processor played by hand cannot wait for room. */
  laneBytes: number;
}

/** Sequences at which 32-bit words wrap, or a number stops being a small integer; and anything. */
const startAt = fc.oneof(
  fc.constantFrom(0, 7, 2 ** 30 - 9, 2 ** 31 - 20, 2 ** 31 - 1, 2 ** 32 - 20, 2 ** 32 - 1, 2 ** 33 - 5, 2 ** 40 + 3),
  fc.integer({ min: 0, max: 2 ** 45 }),
);

const capacity = fc.oneof(fc.constantFrom(1, 2, 3, 5, 64, 4096), fc.integer({ min: 1, max: 300 }));

/** Longest text of a `value()` item that a lane of so many bytes takes beside the item's other fields. */
const textFor = (laneBytes: number): number => Math.min(Math.floor(laneBytes / 2) - 16 - 4 - 32, 300);

export function graph(most: Most): fc.Arbitrary<Graph> {
  return fc
    .record({
      input: fc.constantFrom<InputName>('bare', 'struct', 'value'),
      output: fc.constantFrom<OutputName>('scalar', 'struct', 'value'),
      kind: fc.constantFrom(...most.kinds),
      threads: fc.integer({ min: 1, max: most.threads }),
      sourceCapacity: capacity,
      ringCapacity: capacity,
      lane: fc.constantFrom(64, 100, 128, 256, 1000, 2 ** 12, 2 ** 16),
      batchBytes: fc.constantFrom(16, 64, 1024, 2 ** 14),
      blockBytes: fc.constantFrom(1, 64, 500, 2 ** 16),
      ticketMs: fc.constantFrom(0.001, 0.5, 5),
      takes: fc.constantFrom<Graph['takes']>(
        {},
        {},
        { maxItems: 1 },
        { maxItems: 3 },
        { maxItems: 50 },
        { batches: 'sequence' },
        { batches: 'sequence', maxItems: 2 },
      ),
      seed: fc.integer(),
      events: fc.integer({ min: 0, max: most.events }),
      startAt,
      boring: fc.constantFrom(0, 0, 0.2, 0.9),
      none: fc.constantFrom(0, 0.2, 0.5, 1),
      one: fc.constantFrom(0, 0.2, 0.5),
      many: fc.constantFrom(0, 0.2, 0.28, 0.5),
      big: fc.integer({ min: 2, max: most.big }),
      cost: fc.constantFrom(0, 0, most.cost),
    })
    .map(({ lane, seed, events, startAt: start, boring, none, one, many, big, cost, ...rest }) => {
      const least = rest.output === 'value' ? 128 : 64;
      const laneBytes = Math.max(lane, least, most.laneBytes);
      const text = Math.max(textFor(laneBytes), 1);
      const bigEvents = Math.max(1, events * (1 - none - one - many) * (1 - boring));
      const items = Math.max(2, Math.min(big, Math.ceil(most.items / bigEvents)));
      return {
        ...rest,
        laneBytes,
        job: { seed, events, startAt: start, boring, none, one, many, big: items, text, cost },
      };
    });
}
