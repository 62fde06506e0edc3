/** Writers with several batches in flight: promises that settle in any order, refusals, deaths, and the end. */
import { type Batch, type DeadLetter, type Flow, type HeadOfLine, Nack, type NackOptions, shutdown } from 'millrace';
import { describe, expect, it } from 'vitest';
import { expectBatch, placesOf } from '../support/batch-check.ts';
import { cleanUp, MODES, type Mode, Num, nums, refusal, start, until } from '../support/lifecycle.ts';

cleanUp();

/** A batch that was handed over: of which events, and how it is answered. */
interface Call {
  readonly events: number[];
  /** False once its promise has settled. */
  isOpen: boolean;
  resolve(): void;
  reject(error: unknown): void;
}

interface Options {
  mode: Mode;
  maxInFlight?: number;
  threads?: number;
  deadLetters?: DeadLetter[];
  attempts?: number;
  stallMs?: number;
}

/** A flow whose writer, a function, takes one event at a time and is answered by the test. */
async function held({ mode, maxInFlight = 4, threads = 2, deadLetters = [], attempts = 10, stallMs = 0 }: Options) {
  const calls: Call[] = [];
  const flow = await start<Num>({
    mode,
    pipeline: { stallMs, deadLetters: (letter: DeadLetter) => void deadLetters.push(letter) },
    process: { threads },
    write(batch: Batch<Num>) {
      const items = batch.toArray();
      expectBatch(batch, Num as never, items, placesOf(batch));
      const { promise, resolve, reject } = promised();
      const events = items.map(({ n }) => n);
      const call: Call = {
        events,
        isOpen: true,
        resolve() {
          // It is valid until now.
          expect(batch.toArray()).toEqual(items);
          call.isOpen = false;
          resolve();
        },
        reject(error) {
          call.isOpen = false;
          reject(error as Error);
        },
      };
      calls.push(call);
      return promise;
    },
    writeOptions: { maxInFlight, batches: 'sequence', onNack: { attempts, delayMs: 0 } },
  });
  const open = (): Call[] => calls.filter(({ isOpen }) => isOpen);
  const of = (event: number): Call => open().find(({ events }) => events[0] === event)!;
  return {
    flow,
    calls,
    of,
    open,
    /** The events in the order in which they came. */
    came: () => calls.flatMap(({ events }) => events),
    /** Resolves when these are in flight, and no others come. */
    async expectOpen(...events: number[]) {
      await until(
        () => events.every((event) => of(event) !== undefined),
        () => `${events} are in flight: ${JSON.stringify(calls)}`,
      );
      await rest();
      expect(
        open()
          .flatMap((call) => call.events)
          .sort((a, b) => a - b),
      ).toEqual(events);
    },
  };
}

function promised(): { promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void } {
  let [resolve, reject] = [(): void => {}, (_: unknown): void => {}];
  const promise = new Promise<void>((...settle) => {
    [resolve, reject] = settle;
  });
  return { promise, resolve, reject };
}

/** Time for what is not to happen. */
async function rest(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Resolves all that is open, again and again, until the flow is drained. */
async function drainAll(flow: Flow<Num, unknown>, open: () => Call[]): Promise<void> {
  let isDrained = false;
  const draining = flow.drain().then(() => {
    isDrained = true;
  });
  while (!isDrained) {
    for (const call of open().reverse()) call.resolve();
    await Promise.race([draining, rest()]);
  }
  await draining;
}

describe.each(MODES)('a function with several batches in flight, in the mode %s', (mode) => {
  it('has as many as it says, and publishes up to the first that is pending, whatever settles behind it', async () => {
    const { flow, of, expectOpen, came } = await held({ mode });
    await flow.publish(nums(12));
    await expectOpen(0, 1, 2, 3);
    of(2).resolve();
    await expectOpen(0, 1, 3, 4);
    of(1).resolve();
    of(4).resolve();
    await expectOpen(0, 3, 5, 6);
    expect(flow.published).toBe(0);
    of(0).resolve();
    await until(() => flow.published === 3);
    await expectOpen(3, 5, 6, 7);
    for (const event of [7, 6, 5, 3]) of(event).resolve();
    await until(() => flow.published === 8);
    for (const event of [11, 10, 9, 8]) {
      await until(() => of(event) !== undefined);
      of(event).resolve();
    }
    await flow.settled();
    expect(flow.published).toBe(12);
    await flow.drain();
    expect(came()).toEqual(nums(12).map(({ n }) => n));
    expect(flow.stats()).toMatchObject({ items: 12, published: 12, retries: 0 });
  });

  it('goes on beside one that never settles, says that this holds the line, and can be stopped', async () => {
    const heads: HeadOfLine[] = [];
    const { flow, of, expectOpen, calls } = await held({ mode, maxInFlight: 2, stallMs: 20 });
    flow.on('stall', (head) => heads.push(head));
    const isHeld = (head: HeadOfLine | undefined): boolean => head?.sequence === 0 && head.cause === 'ack';
    await flow.publish(nums(30));
    // There are as many as there may be.
    await expectOpen(0, 1);
    await until(
      () => isHeld(flow.headOfLine()),
      () => JSON.stringify(flow.headOfLine()),
    );
    for (let event = 1; event < 30; event++) {
      await until(() => of(event) !== undefined);
      of(event).resolve();
    }
    // There is nothing further.
    await until(() => isHeld(flow.headOfLine()));
    heads.length = 0;
    await until(() => heads.some(isHeld));
    const report = await shutdown(flow, { deadlineMs: 30 });
    expect(report).toMatchObject({ published: 0, left: 30, forced: true });
    const { length } = calls;
    of(0).resolve();
    await rest();
    expect(calls).toHaveLength(length);
  });

  it('is given nothing further while one is refused, and that one then behind what followed it', async () => {
    const { flow, of, expectOpen, open, came } = await held({ mode });
    await flow.publish(nums(12));
    await expectOpen(0, 1, 2, 3);
    of(1).reject(new Nack('busy', { delayMs: 30 }));
    of(0).resolve();
    of(2).resolve();
    await rest();
    // Fewer are in flight than there may be.
    expect(open().flatMap(({ events }) => events)).toEqual([3]);
    await until(() => flow.published === 1);
    await expectOpen(1, 3, 4, 5);
    expect(came()).toEqual([0, 1, 2, 3, 1, 4, 5]);
    expect(flow.published).toBe(1);
    await drainAll(flow, open);
    expect(flow.stats()).toMatchObject({ items: 12, published: 12, retries: 1 });
  });

  it('counts the attempts of each batch', async () => {
    const { flow, of, expectOpen, open } = await held({ mode, maxInFlight: 2, attempts: 3 });
    await flow.publish(nums(5));
    await expectOpen(0, 1);
    for (let attempt = 0; attempt < 3; attempt++) {
      for (const event of [1, 0]) {
        await until(() => of(event) !== undefined);
        of(event).reject(new Nack('busy'));
      }
    }
    await expectOpen(0, 1);
    of(0).resolve();
    of(1).reject(new Nack('busy'));
    const error = await refusal(flow.ended, 'WRITER_FAILED');
    expect(error).toMatchObject({ sequence: 1, cause: 'busy' });
    expect([flow.published, open().length]).toEqual([1, flow.published === 1 ? open().length : -1]);
  });

  it.each([
    ['a dead letter', { action: 'dead-letter' }, 1],
    ['a stop', { action: 'stop' }, 0],
    ['what is no Nack', undefined, 0],
  ] as [string, NackOptions | undefined, number][])('with others in flight, answered by %s', async (_, nack, dead) => {
    const deadLetters: DeadLetter[] = [];
    const { flow, of, expectOpen, open } = await held({ mode, deadLetters });
    await flow.publish(nums(8));
    await expectOpen(0, 1, 2, 3);
    of(2).reject(nack === undefined ? new TypeError('mine') : new Nack('bad', nack));
    if (dead > 0) {
      await expectOpen(0, 1, 3, 4);
      await drainAll(flow, open);
      expect(deadLetters).toMatchObject([{ from: 'writer', sequence: 2, item: 0, items: [{ n: 2 }], attempts: 1 }]);
      expect(flow.stats()).toMatchObject({ items: 7, deadLetters: 1, published: 8 });
    } else {
      expect(await refusal(flow.ended, 'WRITER_FAILED')).toMatchObject({ sequence: 2 });
      expect(flow.published).toBe(0);
    }
  });

  it('waits for the others before one is computed again, and is not given again what it has of them', async () => {
    const { flow, of, expectOpen, open, came } = await held({ mode });
    await flow.publish(nums(8));
    await expectOpen(0, 1, 2, 3);
    of(1).reject(new Nack('wrong', { action: 'recompute' }));
    await expectOpen(0, 2, 3);
    of(0).resolve();
    of(3).resolve();
    await expectOpen(2);
    of(2).resolve();
    await until(() => of(1) !== undefined);
    await drainAll(flow, open);
    expect(came()).toEqual([0, 1, 2, 3, 1, 4, 5, 6, 7]);
    expect(flow.stats()).toMatchObject({ items: 8, published: 8, retries: 1 });
  });

  it('hears what another refusal says before one is computed again', async () => {
    const { flow, of, expectOpen, open } = await held({ mode });
    await flow.publish(nums(8));
    await expectOpen(0, 1, 2, 3);
    of(0).reject(new Nack('wrong', { action: 'recompute' }));
    of(1).resolve();
    of(3).resolve();
    of(2).reject(new TypeError('mine'));
    const error = await refusal(flow.ended, 'WRITER_FAILED');
    expect(error).toMatchObject({ sequence: 2, cause: { message: 'mine' } });
    expect(open()).toEqual([]);
  });

  it('rests while it is paused, and notes what settles meanwhile', async () => {
    const { flow, of, expectOpen, open } = await held({ mode });
    await flow.publish(nums(8));
    await expectOpen(0, 1, 2, 3);
    flow.pause();
    for (const event of [0, 1, 2]) of(event).resolve();
    await until(() => flow.published === 3);
    await expectOpen(3);
    flow.resume();
    await expectOpen(3, 4, 5, 6);
    await drainAll(flow, open);
    expect(flow.published).toBe(8);
  });

  it('may answer at once as well, and have 1,024 in flight', async () => {
    const pending: (() => void)[] = [];
    let most = 0;
    const flow = await start<Num>({
      mode,
      pipeline: { capacity: 4_096 },
      process: { threads: 2 },
      write(batch: Batch<Num>) {
        if (batch.sequence % 3 === 0) return;
        const { promise, resolve } = promised();
        pending.push(resolve);
        most = Math.max(most, pending.length);
        return promise;
      },
      writeOptions: { maxInFlight: 1_024, maxItems: 1 },
    });
    await flow.publish(nums(3_000));
    await until(() => pending.length === 1_024);
    expect(flow.published).toBe(1);
    let isDrained = false;
    const draining = flow.drain().then(() => {
      isDrained = true;
    });
    while (!isDrained) {
      // From the newest on.
      for (const resolve of pending.splice(0).reverse()) resolve();
      await Promise.race([draining, rest()]);
    }
    expect([most, flow.published, flow.stats().items]).toEqual([1_024, 3_000, 3_000]);
  });
});
