/** Runs one flow, terminates threads that publish into it and read from it, and compares what came out with what they did. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type Flow, type ProducerHandle, pipeline, type ReaderHandle, toRing } from 'millrace';
import { Random } from '../random.ts';
import type { Outcome } from '../threads/run-flow.ts';
import { CODECS, Item, numberOf, padded, type Told } from './events.ts';
import { Log } from './log.ts';
import type { ProducerData } from './producer.ts';
import type { ReaderData } from './reader.ts';
import type { Round } from './round.ts';
import { Tally } from './tally.ts';
import { verdictOf } from './verdict.ts';

interface Participant {
  readonly role: 'producer' | 'reader';
  readonly worker: Worker;
  readonly handle: ProducerHandle | ReaderHandle;
  /** Which producer; -1 for a reader. */
  readonly producer: number;
  /** What it says at its end. */
  readonly told: Promise<unknown>;
}

/** So many looks without progress are taken for hanging. */
const HANG_LOOKS = 60;
const HANG_LOOK_MS = 500;
const TICK_MS = 10;

export async function runRound(round: Round): Promise<Outcome> {
  return await new RoundRun(round).run();
}

class RoundRun {
  private readonly round: Round;
  private readonly random: Random;
  private readonly tally: Tally;
  private readonly logs: Log[] = [];
  private readonly deaths: string[] = [];
  /** Producers that were stopped in the middle of something, or may have been. */
  private readonly cut = new Set<number>();
  private readonly items: number[] = [];
  private readonly sequences: number[] = [];
  private readonly participants: Participant[] = [];
  private flow!: Flow<unknown, Told & { sequence: number }>;
  /** Producer 0 is this thread. */
  private producers = 1;
  private isOver = false;
  private pauseMs = 0;

  constructor(round: Round) {
    this.round = round;
    this.random = new Random(round.seed);
    this.tally = Tally.for(1 + round.producers + round.kills + round.revokes);
  }

  async run(): Promise<Outcome> {
    const watchdog = new Worker(new URL('./watchdog.js', import.meta.url), { workerData: this.tally.buffer });
    const stopWatching = this.watchEventLoop();
    let wrong: string | undefined;
    try {
      await this.start();
      const done = Promise.all([this.read(), this.publish(), this.killAll()]);
      await Promise.race([done, this.hangs()]);
      const { items, sequences, producers, cut, tally, logs } = this;
      wrong = verdictOf({ items, sequences, producers, cut, tally, logs });
    } catch (error) {
      wrong = error instanceof Error ? (error.stack ?? error.message) : String(error);
    } finally {
      this.isOver = true;
      stopWatching();
      await watchdog.terminate();
    }
    return { deaths: this.deaths, items: this.items.length, pauseMs: this.pauseMs, wrong };
  }

  private async start(): Promise<void> {
    const { events, capacity, dataBytes, producers, readers, processors, ringCapacity, startAt } = this.round;
    this.flow = (await pipeline({
      source: CODECS[events] as never,
      producers,
      capacity,
      startAt,
      stallMs: 0,
      ...(dataBytes === undefined ? {} : { dataBytes }),
    })
      .process(new URL(`./processor.js?events=${events}`, import.meta.url), { threads: processors })
      .write(toRing({ capacity: ringCapacity, readers: 1 + readers, codec: Item }))
      .start()) as never;
  }

  private async read(): Promise<void> {
    for await (const batch of this.flow.results().batches()) {
      for (let i = 0; i < batch.length; i++) {
        const item = batch.at(i);
        this.items.push(numberOf(item));
        this.sequences.push(item.sequence);
      }
    }
  }

  /** This thread publishes as well, in pieces. */
  private async publish(): Promise<void> {
    const { events } = this.round;
    let count = 0;
    const eventOf = (event: number): unknown => {
      const told = { producer: 0, event };
      if (events === 'numbers') return numberOf(told);
      return events === 'value' ? padded(told) : told;
    };
    while (!this.tally.isStopped) {
      const more = this.random.integer(1, 50);
      await this.flow.publish(Array.from({ length: more }, (_, i) => eventOf(count + i)) as never);
      count += more;
      this.tally.begin(0, count);
      this.tally.done(0, count);
      await sleep(1);
    }
  }

  private async killAll(): Promise<void> {
    const { producers, readers, kills, revokes } = this.round;
    for (let i = 0; i < producers; i++) this.participants.push(await this.newProducer());
    for (let i = 0; i < readers; i++) this.participants.push(await this.newReader());
    for (let left = kills + revokes; left > 0; left--) {
      await sleep(this.random.next() * 10);
      await this.endOne(left > kills);
    }
    this.tally.stop();
    const told = this.participants.filter(({ role }) => role === 'producer').map((producer) => producer.told);
    const ends = await Promise.all(told);
    if (ends.some((end) => end !== 'closed')) throw new Error(`producers end with ${ends.join(', ')}`);
    await this.flow.drain();
    await Promise.all(this.participants.map(({ told: end }) => end));
    await Promise.all(this.participants.map(({ worker }) => worker.terminate()));
  }

  /** Terminates a thread, or revokes its handle, and starts another one in its place. */
  private async endOne(isRevoked: boolean): Promise<void> {
    const at = this.random.integer(0, this.participants.length - 1);
    const { role, worker, handle, producer, told } = this.participants[at]!;
    const { ticks } = this.tally;
    if (producer >= 0) this.cut.add(producer);
    if (isRevoked) {
      this.flow.revoke(handle);
      const end = await told;
      if (end !== 'HANDLE_REVOKED') throw new Error(`a ${role} whose handle was revoked ends with ${String(end)}`);
      await worker.terminate();
    } else {
      await worker.terminate();
      this.deaths.push(role);
    }
    this.participants[at] = await (role === 'producer' ? this.newProducer() : this.newReader());
    while (this.tally.ticks === ticks) await sleep(TICK_MS);
  }

  private async newProducer(): Promise<Participant> {
    const { events, seed } = this.round;
    const handle = this.flow.producer();
    const producer = this.producers++;
    const data: ProducerData = { handle, events, tally: this.tally.buffer, producer, seed };
    return { role: 'producer', handle, producer, ...(await begin('./producer.js', data)) };
  }

  private async newReader(): Promise<Participant> {
    const handle = this.flow.reader();
    const log = Log.make();
    this.logs.push(log);
    const data: ReaderData = { handle, log: log.buffer };
    return { role: 'reader', handle, producer: -1, ...(await begin('./reader.js', data)) };
  }

  private watchEventLoop(): () => void {
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      this.pauseMs = Math.max(this.pauseMs, now - last - TICK_MS);
      last = now;
      this.tally.tick();
    }, TICK_MS);
    return () => clearInterval(timer);
  }

  /** Rejects when nothing has moved for long. */
  private async hangs(): Promise<never> {
    let last = '';
    for (let looks = 0; looks < HANG_LOOKS; ) {
      await sleep(HANG_LOOK_MS);
      if (this.isOver) return await new Promise(() => {});
      const now = `${this.flow.published} ${this.items.length} ${this.deaths.length} ${this.flow.state}`;
      looks = now === last ? looks + 1 : 0;
      last = now;
    }
    const { state, published } = this.flow;
    const head = JSON.stringify(this.flow.headOfLine());
    throw new Error(
      `hangs in state ${state}, published ${published}, after ${this.deaths.length} deaths; head of line: ${head}\n` +
        `stats: ${JSON.stringify(this.flow.stats(), undefined, 1)}`,
    );
  }
}

async function begin(file: string, workerData: object): Promise<Pick<Participant, 'worker' | 'told'>> {
  const worker = new Worker(new URL(file, import.meta.url), { workerData });
  const [first] = (await once(worker, 'message')) as [unknown];
  if (first !== 'attached') throw new Error(`a thread of ${file} does not attach: ${String(first)}`);
  const told = once(worker, 'message').then(
    ([message]) => message as unknown,
    (error: unknown) => error,
  );
  return { worker, told };
}
