import { once } from 'node:events';
import { type MessagePort, Worker } from 'node:worker_threads';
import { sharedClock } from '../harness/clock.ts';
import { LEAD_US, type LoadRound } from './load-round.ts';
import type { LoadData } from './load-thread.ts';
import { LatencyReader } from './reader.ts';
import type { LatencyResult, LatencySetting } from './setting.ts';

const THREAD = new URL('./load-thread.js', import.meta.url);

/** Main half of the load thread: starts a round and ends it when every published event has come back. */
export class LoadHost {
  readonly #worker: Worker;
  readonly #progress = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #now = sharedClock();

  private constructor(ports: readonly MessagePort[], message: LoadData['message']) {
    const workerData: LoadData = { ports, progress: this.#progress, message };
    this.#worker = new Worker(THREAD, { workerData, transferList: [...ports] });
  }

  static async start(ports: readonly MessagePort[], message: LoadData['message']): Promise<LoadHost> {
    const host = new LoadHost(ports, message);
    await once(host.#worker, 'message');
    return host;
  }

  /** `attach` is given the reader of the round, and a function to call after items were taken. */
  async round(
    setting: LatencySetting,
    attach: (reader: LatencyReader, taken: () => void) => void,
  ): Promise<LatencyResult> {
    const round: LoadRound = { setting, startUs: this.#now() + LEAD_US };
    const reader = new LatencyReader(setting, round.startUs, this.#progress, this.#now);
    let published = Number.POSITIVE_INFINITY;
    await new Promise<void>((resolve) => {
      const taken = (): void => {
        if (reader.items === published) resolve();
      };
      this.#worker.once('message', (count: number) => {
        published = count;
        taken();
      });
      attach(reader, taken);
      this.#worker.postMessage(round);
    });
    return reader.result();
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
