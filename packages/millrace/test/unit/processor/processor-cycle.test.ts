import { setImmediate } from 'node:timers/promises';
import { i32, u32 } from '@millrace/codec';
import { expect, test } from 'vitest';
import { TicketIssuer } from '../../../src/order/ticket-issuer.ts';
import type { ProcessorDefinition } from '../../../src/processor/definition.ts';
import { HandFlow, randomBy } from '../../support/hand-flow.ts';

type Definition = ProcessorDefinition<unknown, unknown, unknown>;

/** How many of `events` are acknowledged when nobody has anything to do, all of them in one ticket that has more to come. */
async function acknowledgedOf(events: number, process: Definition['process']): Promise<number> {
  const flow = new HandFlow(
    { input: u32 as never, output: i32 as never, process },
    { pipeline: { source: u32 as never, capacity: 8 }, process: { threads: 1 }, write: () => {} },
    randomBy(1),
  );
  // The ticket is cut here.
  flow.coordinator.state = 'done';
  const issuer = new TicketIssuer(flow.plan.tickets);
  issuer.issue(8, 0);
  issuer.publish();
  for (let i = 0; i < events; i++) {
    expect(flow.publisher!.tryPublish(i)).toBe(true);
    for (let turn = 0; turn < 10; turn++) {
      flow.settle();
      await setImmediate();
    }
  }
  return flow.published;
}

test.each<[name: string, process: Definition['process']]>([
  ['an event without items', () => {}],
  ['an async event without items', async () => {}],
  ['an async event with items', async (event, output) => output.emit(event)],
])('%s is done as soon as it was computed, in the middle of a ticket', async (_name, process) => {
  expect(await acknowledgedOf(3, process)).toBe(3);
});
