/**
 * Invariants on real threads, waiting for conditions and never for time. Each test names the change to the source that made
 * it fail when it was written ("Fails with").
 */
import { type Flow, type ProcessOptions, pipeline, sequences, toRing, u32 } from 'millrace';
import { expect, test } from 'vitest';

const MODULE = new URL('../fixtures/invariant-processors.mjs', import.meta.url);

/** Lets the event loop turn until `look` is true. */
async function until(look: () => boolean, what: string): Promise<void> {
  const patience = performance.now() + 30_000;
  while (!look()) {
    if (performance.now() > patience) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const waiting = (flow: Flow<never, never>, name: string): string =>
  flow.stats().threads.find((thread) => thread.name === name)!.waiting;
const processorsIn = (flow: Flow<never, never>, cause: string): number =>
  flow.stats().threads.filter(({ name, waiting }) => name.startsWith('processor') && waiting === cause).length;

function gateFor(head = -1) {
  const gate = new Int32Array(new SharedArrayBuffer(64));
  const open = (): void => {
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
  };
  return { gate, open, data: { gate: gate.buffer, head } };
}

async function heldFlow(head: number, options: ProcessOptions, take: (sequence: number, index: number) => void) {
  const { gate, open, data } = gateFor(head);
  const flow = await pipeline({ source: sequences(40), ticketMs: 0.001 })
    .process(MODULE, { export: 'held', data, ...options })
    .write((batch) => {
      for (const { sequence, index } of batch as Iterable<{ sequence: number; index: number }>) take(sequence, index);
    })
    .start();
  return { flow, gate, open };
}

// I2 fails with: TicketClaimer takes the last free ticket in place of the first.
// I4 fails with: ProcessorCycle.takeTicket waits until all before its last ticket is published.
test('I2, I4: behind a head that takes long, others compute until their lanes are full, and the head then passes them', async () => {
  const items: [number, number][] = [];
  const laneBytes = 8_192;
  const { flow, gate, open } = await heldFlow(0, { threads: 2, laneBytes }, (sequence, index) =>
    items.push([sequence, index]),
  );
  // One processor has the head; the other one computes ahead, ticket after ticket, until it sleeps inside `emit`.
  await until(() => processorsIn(flow as never, 'room') === 1, 'a processor fills its lane');
  const ahead = Math.max(Atomics.load(gate, 1), Atomics.load(gate, 2));
  expect(ahead * 16).toBeGreaterThan(laneBytes / 2);
  expect(ahead * 16).toBeLessThanOrEqual(laneBytes);
  expect(ahead).toBeGreaterThan(100);
  expect(flow.published).toBe(0);
  expect(flow.headOfLine()).toMatchObject({ sequence: 0, cause: 'none' });
  open();
  await flow.ended;
  expect(items).toEqual(Array.from({ length: 4_000 }, (_, i) => [Math.floor(i / 100), i % 100]));
});

// Fails with: UserDestination keeps a copy of each batch.
test('I3: a sequence with millions of items takes no more memory than one with few', async () => {
  const { gate, data } = gateFor();
  const count = 4_000_000;
  gate[0] = count;
  let taken = 0;
  let most = 0;
  let before = 0;
  const flow = await pipeline({ source: sequences(3) })
    .process(MODULE, { export: 'huge', data, threads: 2, laneBytes: 65_536 })
    .write((batch) => {
      taken += batch.length;
      // The first tenth is for the compiler and the heap to settle.
      const rss = process.memoryUsage.rss();
      if (before === 0 && taken > count / 10) before = rss;
      most = Math.max(most, rss);
    })
    .start();
  await flow.ended;
  expect(taken).toBe(count + 2);
  expect(most - before).toBeLessThan((count * 16) / 2);
});

// Fails with: RingDestination.write waits with a claim of 0 records and drops what does not fit; the source is not gated.
test('I5: a reader that stops reading stops publish, end to end, and reading starts it again', async () => {
  const { data } = gateFor();
  const [capacity, ring] = [64, 32];
  const flow = await pipeline({ source: u32, capacity })
    .process(MODULE, { export: 'echo', data, threads: 2, laneBytes: 1_024 })
    .write(toRing<number>({ capacity: ring }))
    .start();
  const results = flow.results()[Symbol.asyncIterator]();
  const count = 5_000;
  let published = false;
  const publishing = flow.publish(Array.from({ length: count }, (_, i) => i)).then(() => {
    published = true;
  });
  await until(() => waiting(flow as never, 'writer') === 'demand', 'the writer waits for demand');
  // A producer that sleeps is woken when an eighth of the ring is free.
  await until(() => flow.stats().events - flow.published > (capacity * 7) / 8, 'the source is full');
  expect(published).toBe(false);
  expect(flow.published).toBeLessThanOrEqual(ring);
  expect(flow.stats().events).toBeLessThanOrEqual(ring + capacity);
  for (let i = 0; i < count; i++) expect(await results.next()).toEqual({ done: false, value: i });
  await publishing;
  await flow.drain();
  expect((await results.next()).done).toBe(true);
});

async function cpuOfSecond(wait: 'adaptive' | 'spin'): Promise<{ cpu: number; parks: number; wakes: number }> {
  const { data } = gateFor();
  await using flow = await pipeline({ source: u32, wait })
    .process(MODULE, { export: 'echo', data, threads: 2 })
    .write(toRing<number>())
    .start();
  const results = flow.results()[Symbol.asyncIterator]();
  for (let i = 0; i < 100; i++) {
    await flow.publish(i);
    await results.next();
  }
  const isIdle = (): boolean => flow.stats().threads.every((thread) => thread.waiting !== 'none');
  await until(isIdle, 'every thread waits');
  await new Promise((resolve) => setTimeout(resolve, 200));
  const before = flow.stats();
  const since = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const { user, system } = process.cpuUsage(since);
  const after = flow.stats();
  return { cpu: user + system, parks: after.parks - before.parks, wakes: after.wakes - before.wakes };
}

// Fails with: WriterCycle.wait always sets a time-out of 1 ms.
test('I6: an idle flow does not poll', async () => {
  const idle = await cpuOfSecond('adaptive');
  expect(idle).toMatchObject({ parks: 0, wakes: 0 });
  const spinning = await cpuOfSecond('spin');
  expect(idle.cpu).toBeLessThan(spinning.cpu / 10);
});

// Fails with: WriterCycle.waitForAck publishes the end of the batch's sequence before it awaits.
test('I8: the publish cursor stands at the sequence whose acknowledgement is late', async () => {
  const { open, data } = gateFor(-1);
  let late: { readonly sequence: number; readonly acknowledge: () => void } | undefined;
  let written = 0;
  const flow = await pipeline({ source: sequences(40) })
    .process(MODULE, { export: 'held', data, threads: 2 })
    .write((batch) => {
      const { sequence } = batch;
      written += batch.length;
      return new Promise<void>((resolve) => {
        late = { sequence, acknowledge: resolve };
      });
    })
    .start();
  open();
  for (let stops = 0; flow.state === 'draining'; ) {
    await until(() => late !== undefined || flow.state !== 'draining', 'a batch is written');
    if (late === undefined) break;
    const { sequence, acknowledge } = late;
    late = undefined;
    // Time for the others to run ahead, if they would.
    if (++stops % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(flow.published).toBeLessThanOrEqual(sequence);
    acknowledge();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await flow.ended;
  expect(flow.published).toBe(40);
  expect(written).toBe(4_000);
});

// Fails with: WriterCycle.isReady looks at records alone while it has a lane.
test('a flow that spins while it waits sees the end of its source', async () => {
  const { data } = gateFor();
  const flow = await pipeline({ source: u32, wait: 'spin' })
    .process(MODULE, { export: 'echo', data, threads: 1 })
    .write(toRing<number>())
    .start();
  const results = flow.results()[Symbol.asyncIterator]();
  await flow.publish(7);
  expect(await results.next()).toEqual({ done: false, value: 7 });
  await until(() => waiting(flow as never, 'writer') === 'items', 'the writer spins for the next event');
  await flow.drain();
  expect((await results.next()).done).toBe(true);
});
