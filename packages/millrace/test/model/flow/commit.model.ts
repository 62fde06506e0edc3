import { model } from '@millrace/interleave';
import { waitUntilAsync } from 'native-free-rings';
import { load, viewI32 } from '#atomics';
import { HEAD_WORD } from '../../../../../native-free-rings/dist/lane/lane-descriptor.js';
import { ackedCursor, drainedCursor } from '../../../dist/order/ticket-log-descriptor.js';
import { CAUSES } from '../../../dist/thread/causes.js';
import { MAIN } from '../../../dist/thread/control-block.js';
import { expect } from '../support/attached.ts';
import { type Flow, type FlowShape, LANE_START, runThread, START, setupFlow } from '../support/flow.ts';
import { inCommits } from '../support/stores.ts';
import { type Body, COUNT, processor, processor1 } from '../support/succession.ts';

/**
 * A writer into a store that commits, beside threads that wait for what only a commit gives back. The clock stands still, and
 * time-outs are off: so a commit comes by what is written, or because somebody would wait for it, or never.
 */
interface Case extends FlowShape {
  /** Everything below is acknowledged in the end. */
  readonly end: number;
}

function flow(name: string, threads: Record<string, Body>, { end, ...shape }: Case) {
  return model<Flow>({
    name: `flow: ${name}`,
    setup: () => setupFlow({ write: inCommits(), ...shape }, { threads: Object.keys(threads), host: 'main' }),
    threads,
    after({ plan, store }) {
      const acked = ackedCursor(plan.tickets).peek();
      expect(acked === end, `acknowledged up to ${acked}, the source ends at ${end}`);
      let items = 0;
      for (let s = START; s < end; s++) items += (shape.items ?? (() => 1))(s);
      expect(store[COUNT] === items, `the store has ${store[COUNT]} of ${items} items`);
    },
    options: { preemptions: 2 },
    long: { preemptions: 3 },
  });
}

const writer: Body = (flow) => runThread(flow.writer());

export const commits = [
  flow(
    'committed before given back and acknowledged, and that before drained',
    {
      processor,
      writer,
      observer({ plan, store }) {
        const head = load(viewI32(plan.lanes[0]!.buffer), HEAD_WORD);
        const drained = drainedCursor(plan.tickets).load();
        const acked = ackedCursor(plan.tickets).load() - START;
        const committed = load(store, COUNT);
        const released = (head - LANE_START) | 0;
        expect(released <= committed, `${released} records given back, ${committed} committed`);
        expect(
          drained <= acked && acked <= committed,
          `${drained} drained, ${acked} acknowledged, ${committed} committed`,
        );
      },
    },
    { issued: [1, 1, 1], drainAt: START + 2, end: START + 2, tickets: 16, laneBytes: 256 },
  ),
  flow(
    'a processor sleeps for room in its lane, which a commit gives back',
    { processor, writer },
    { issued: [2, 1], drainAt: START + 2, end: START + 2, items: () => 12, tickets: 16 },
  ),
  flow(
    'two processors sleep for room that commits give back',
    { processor0: processor, processor1, writer },
    {
      processors: 2,
      issued: [1, 1, 1, 1],
      drainAt: START + 2,
      end: START + 2,
      items: () => 8,
      laneRecords: 4,
      tickets: 16,
    },
  ),
  flow(
    'a store has everything that has arrived, and commits',
    {
      processor(flow) {
        const own = flow.processors[0]!();
        runThread(own, () => (own.cycle as unknown as { readonly sequence: number }).sequence >= START + 2);
      },
      writer(flow) {
        const own = flow.writer();
        const acked = ackedCursor(flow.plan.tickets);
        runThread(own, () => acked.load() >= START + 2);
      },
      async main(flow) {
        const acked = ackedCursor(flow.plan.tickets);
        const eventcount = flow.control().eventcount(MAIN);
        await flow.publisher!().advance(2);
        await waitUntilAsync(() => acked.load() >= START + 2, eventcount, CAUSES.acks, START + 2);
      },
    },
    { ring: 2, issued: [1, 1, 1], end: START + 2, tickets: 16, laneBytes: 256 },
  ),
];
