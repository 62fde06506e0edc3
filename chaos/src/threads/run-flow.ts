/** Runs one flow, kills its threads as the scenario says, and compares what came out with the oracle. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Batch,
  type Flow,
  Nack,
  type Progress,
  pipeline,
  sequences,
  toRing,
  type WriteFunctionOptions,
  type WriterContext,
} from 'millrace';
import { mix } from '../random.ts';
import { Oracle, Transcript } from '../transcript.ts';
import { eventOf } from '../work.ts';
import { BatchCheck } from './batch-check.ts';
import { Board } from './board.ts';
import { FLIGHT_CREDIT, type FlightData, type Flights, FlightWriter } from './flight.ts';
import type { FlightWriterData } from './flight-writer.ts';
import { Ledger } from './ledger.ts';
import { EVENTS, type ProcessorData } from './processor.ts';
import type { Scenario } from './scenario.ts';
import { namesOf, type Shot } from './shots.ts';
import { Store } from './store.ts';
import type { WriterData } from './writer.ts';

export interface Outcome {
  /** Threads that died and were replaced, and which. */
  readonly deaths: readonly string[];
  readonly items: number;
  /** The longest time between two turns of the main thread's event loop, in milliseconds, where that is watched. */
  readonly pauseMs?: number;
  /** What is wrong; undefined when nothing is. */
  readonly wrong: string | undefined;
}

/** A flow hangs that shows no progress at so many looks. Not by the clock: on a busy machine this process may be the one that stood still. */
const HANG_LOOKS = 60;
const HANG_LOOK_MS = 500;
const LOOK_MS = 1;
const BEARS_ALL = { max: Number.MAX_SAFE_INTEGER, delayMs: 0, perEvent: Number.MAX_SAFE_INTEGER };
const RETRIES = { attempts: 100, delayMs: 0.1, maxDelayMs: 2 };

export async function runFlow(scenario: Scenario): Promise<Outcome> {
  const { work, items, startAt, events } = scenario;
  return await new FlowRun(scenario, new Oracle(work, items, startAt, events)).run();
}

class FlowRun {
  private readonly scenario: Scenario;
  private readonly oracle: Oracle;
  private readonly board: Board;
  /** By thread: the shot that it spins for, and one. The writer comes last. */
  private readonly spinning: Int32Array;
  private readonly store: Store | undefined;
  private readonly ledger: Ledger | undefined;
  private readonly transcript: Transcript;
  private readonly check: BatchCheck;
  private readonly deaths: string[] = [];
  private readonly served: number[] = [];
  private flow!: Flow<unknown, unknown>;
  private isOver = false;
  private wrong: string | undefined;

  constructor(scenario: Scenario, oracle: Oracle) {
    const { items, startAt, destination, shots, threads } = scenario;
    this.scenario = scenario;
    this.oracle = oracle;
    this.board = Board.for(shots);
    this.spinning = new Int32Array(new SharedArrayBuffer(4 * (threads + 1)));
    this.transcript = new Transcript(items);
    const rules = { kind: items, work: scenario.work, mostItems: Number.POSITIVE_INFINITY, isBySequence: false };
    this.check = new BatchCheck(rules, scenario.work.seed);
    if (scenario.flights !== undefined) this.ledger = Ledger.make(oracle.transcript.items);
    else if (destination === 'idempotent' || destination === 'committing') {
      this.store = Store.make(oracle.transcript.length, items, startAt);
    }
  }

  async run(): Promise<Outcome> {
    this.flow = await this.start();
    this.flow.on('restart', (thread) => this.deaths.push(thread));
    const watch = this.watch();
    try {
      this.board.begin();
      const ended = this.flow.ended;
      const all = Promise.all([ended, this.publish(), this.read()]);
      // Whatever rejects first: the flow's own failure says more than that of those who use it.
      const settled = Promise.all([all, this.serveRequests(), this.servePublished()]);
      await Promise.race([settled, watch.hung]);
      this.compare();
    } catch (error) {
      this.wrong ??= `flow failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    } finally {
      this.isOver = true;
      this.board.ring();
      watch.stop();
      if (this.wrong === undefined) await this.flow.stop();
    }
    return { deaths: this.deaths, items: this.oracle.transcript.items, wrong: this.wrong };
  }

  private async start(): Promise<Flow<unknown, unknown>> {
    const { scenario } = this;
    const { startAt, threads, laneBytes, batchBytes, blockBytes, ticketMs, wait } = scenario;
    const common = {
      startAt,
      ticketMs,
      wait,
      restarts: BEARS_ALL,
      stallMs: 0,
      name: `chaos-${scenario.index}`,
      ...this.source(),
    };
    const processed = pipeline(common as never).process(this.processorUrl(), {
      threads,
      laneBytes,
      batchBytes,
      blockBytes,
      data: {
        work: scenario.work,
        shots: scenario.shots,
        board: this.board.buffer,
        spinning: this.spinning.buffer,
      } as ProcessorData,
      onError: RETRIES,
    });
    const { destination, ringCapacity } = scenario;
    if (destination === 'ring') return (await processed.write(toRing({ capacity: ringCapacity })).start()) as never;
    const { flights } = scenario;
    if (flights !== undefined && destination === 'function')
      return (await processed.write(...this.flying(flights)).start()) as never;
    if (flights !== undefined) {
      const url = new URL(`./flight-writer.js?flights=${encodeURIComponent(JSON.stringify(flights))}`, import.meta.url);
      const options = flights.given ? optionsOf(flights) : {};
      const data = this.flightWriterData(flights);
      return (await processed.write(url, { data, onNack: RETRIES, ...options }).start()) as never;
    }
    if (destination === 'function') {
      return (await processed.write((batch) => this.take(batch), { onNack: RETRIES }).start()) as never;
    }
    return (await processed.write(this.writerUrl(), { data: this.writerData(), onNack: RETRIES }).start()) as never;
  }

  private source() {
    const { source, events, capacity } = this.scenario;
    if (source === 'count') return { source: sequences(events) };
    if (source === 'advance') return { source: sequences(), capacity };
    return { source: EVENTS[source], capacity };
  }

  private processorUrl(): URL {
    const { items, source, style, ...flags } = this.scenario;
    const given = (['picky', 'ways', 'checked'] as const).filter((flag) => flags[flag]);
    const events = source === 'struct' || source === 'value' ? source : 'bare';
    const options = [`items=${items}`, `events=${events}`, `style=${style}`, ...given];
    return new URL(`./processor.js?${options.join('&')}`, import.meta.url);
  }

  /** A function on this thread that takes batches in any order, and its options. */
  private flying(flights: Flights): [(batch: Batch<unknown>) => void | Promise<void>, WriteFunctionOptions] {
    const { credit, commits } = flights;
    let grant: (items: number) => void = () => {};
    const hooks = { ready: (items: number) => grant(items), published: () => this.flow?.published ?? 0 };
    const flight = new FlightWriter(this.flightData(flights), this.ledger!, hooks, this.scenario.work.seed);
    const options = {
      ...optionsOf(flights),
      onNack: RETRIES,
      demand: credit ? ('credit' as const) : ('open' as const),
      init: (context: WriterContext) => {
        grant = (items) => context.ready(items);
        if (credit) context.ready(FLIGHT_CREDIT);
        return commits ? flight.stands() : undefined;
      },
      ...(commits ? { commit: (progress: Progress) => flight.commit(progress) } : {}),
    };
    return [(batch) => flight.write(batch), options];
  }

  private flightData(flights: Flights): FlightData {
    const { items, work, startAt, events } = this.scenario;
    return { ...flights, kind: items, work, startAt, events };
  }

  private flightWriterData(flights: Flights): FlightWriterData {
    const { shots, threads } = this.scenario;
    return {
      flight: this.flightData(flights),
      ledger: this.ledger!.buffer,
      board: this.board.buffer,
      shots,
      spinning: this.spinning.buffer as SharedArrayBuffer,
      spinningAt: threads,
    };
  }

  private writerUrl(): URL {
    const { destination, maxItems, bySequence, credit, late } = this.scenario;
    const options = [`mode=${destination}`];
    if (maxItems !== undefined) options.push(`maxItems=${maxItems}`);
    if (bySequence) options.push('sequence');
    if (credit) options.push('credit');
    if (late) options.push('late');
    return new URL(`./writer.js?${options.join('&')}`, import.meta.url);
  }

  private writerData(): WriterData {
    const { items, work, shots, threads } = this.scenario;
    return {
      kind: items,
      work,
      store: this.store!.buffer,
      board: this.board.buffer,
      shots,
      spinning: this.spinning.buffer as SharedArrayBuffer,
      spinningAt: threads,
    };
  }

  private async publish(): Promise<void> {
    const { source, events, capacity } = this.scenario;
    if (source === 'count') return;
    if (source === 'advance') {
      for (let left = events; left > 0; ) {
        const some = Math.min(left, Math.max(1, capacity >> 1));
        await this.flow.advance(some);
        left -= some;
      }
    } else await this.flow.publish(this.events());
    await this.flow.drain();
  }

  private *events(): Iterable<unknown> {
    const { work, startAt, events, source } = this.scenario;
    for (let sequence = startAt; sequence < startAt + events; sequence++) {
      const event = eventOf(work, sequence);
      yield source === 'value' ? { event, sequence, pad: '·'.repeat(event % 40) } : { event, sequence };
    }
  }

  private async read(): Promise<void> {
    if (this.scenario.destination !== 'ring') return;
    let batches = 0;
    for await (const batch of this.flow.results().batches()) {
      for (let i = 0; i < batch.length; i++) this.transcript.append(batch.at(i));
      if (this.scenario.slow > 0 && ++batches % this.scenario.slow === 0) await sleep(1);
    }
  }

  private batches = 0;
  /** A recall starts a thread, which takes long. */
  private recalls = 5;

  /** A destination on the main thread. */
  private take(batch: Batch<unknown>): void | Promise<void> {
    const { slow, refuses } = this.scenario;
    this.check.check(batch);
    const isRefused = refuses > 0 && ++this.batches % refuses === 0;
    const item = isRefused ? mix(this.batches, refuses) % batch.length : batch.length;
    for (let i = 0; i < item; i++) this.transcript.append(batch.at(i));
    if (isRefused) {
      const action = this.batches % 2 === 0 && this.recalls-- > 0 ? 'recompute' : 'retry';
      throw new Nack('chaos', { item, action, delayMs: 0 });
    }
    if (slow > 0 && ++this.batches % slow === 0) return sleep(1);
  }

  /** What user code asks for. */
  private async serveRequests(): Promise<void> {
    const { shots } = this.scenario;
    while (!this.isOver && this.flow.state !== 'ended') {
      const heard = this.board.peekBell();
      for (const shot of shots) {
        const asked = this.board.asked(shot.id);
        for (let i = this.served[shot.id] ?? 0; i < asked; i++) this.kill(shot);
        this.served[shot.id] = asked;
      }
      await Promise.race([this.board.listen(heard), this.flow.ended.catch(() => {})]);
    }
  }

  private async servePublished(): Promise<void> {
    const { shots } = this.scenario;
    const waiting = shots.filter(({ place }) => place.in === 'published');
    while (!this.isOver && this.flow.state !== 'ended' && waiting.length > 0) {
      const { published } = this.flow;
      for (const shot of waiting.splice(0)) {
        const isDue = shot.place.in === 'published' && published > shot.place.sequence;
        if (isDue) this.kill(shot);
        else waiting.push(shot);
      }
      await sleep(LOOK_MS);
    }
  }

  private kill(shot: Shot): void {
    for (const { thread, afterMs } of namesOf(shot, this.spinner(shot))) {
      if (afterMs === 0) void this.flow.kill(thread);
      else void sleep(afterMs).then(() => this.flow.kill(thread));
    }
  }

  /** Who spins for this shot: nobody else may be killed for it. */
  private spinner({ id }: Shot): string {
    const { threads } = this.scenario;
    const at = this.spinning.indexOf(id + 1);
    if (at >= 0) Atomics.store(this.spinning, at, 0);
    return at === threads ? 'writer' : `processor ${at}`;
  }

  private compare(): void {
    const { startAt, events } = this.scenario;
    const { published } = this.flow;
    if (published !== startAt + events) this.wrong = `published is ${published} in place of ${startAt + events}`;
    if (this.ledger !== undefined) {
      const all = this.oracle.transcript.items;
      const has = this.scenario.flights!.commits ? this.ledger.committed : this.ledger.lowest();
      if (has !== all) this.wrong = `of ${all} items the ledger has ${has}, and not the one behind them`;
      return;
    }
    const got = this.store?.load() ?? { bytes: this.transcript.view(), items: this.transcript.items };
    this.wrong = this.oracle.difference(got.bytes);
    if (this.wrong !== undefined) return;
    if (got.items !== this.oracle.transcript.items)
      this.wrong = `${got.items} items in place of ${this.oracle.transcript.items}`;
  }

  /** Rejects when nothing has moved for a long time. */
  private watch(): { readonly hung: Promise<never>; stop(): void } {
    let last = '';
    let looks = 0;
    let timer: NodeJS.Timeout | undefined;
    const hung = new Promise<never>((_, reject) => {
      timer = setInterval(() => {
        const now = `${this.flow.published} ${this.transcript.length} ${this.store?.load().bytes.length} ${this.ledger?.progress} ${this.deaths.length}`;
        looks = now === last ? looks + 1 : 0;
        last = now;
        if (looks < HANG_LOOKS) return;
        const head = JSON.stringify(this.flow.headOfLine());
        this.wrong = `hangs in state ${this.flow.state}, published ${this.flow.published}; head of line: ${head}\nstats: ${JSON.stringify(this.flow.stats(), undefined, 1)}`;
        reject(new Error('hangs'));
      }, HANG_LOOK_MS);
    });
    hung.catch(() => {});
    return { hung, stop: () => clearInterval(timer) };
  }
}

const optionsOf = ({
  maxInFlight,
  lingerMs,
  maxItems,
  bySequence,
  credit,
  readyAt,
}: Flights): WriteFunctionOptions => ({
  maxInFlight,
  lingerMs,
  maxItems,
  batches: bySequence ? 'sequence' : 'block',
  ...(credit ? { readyAt } : {}),
});
