/** The main half of the store's thread; its other half is store-thread.ts. */
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { allocateChannel, ChannelHost } from './channel.ts';
import { causeOf } from './errors.ts';

/** A commit to a slow disk may take so long; then the process ends all the same. */
const STOP_MS = 10_000;

/** Starts the store's thread of one folder when a client asks for it, and again when one asks after its end. */
export class StoreHost {
  readonly channel: SharedArrayBuffer;
  private readonly host: ChannelHost;
  private readonly dir: string;
  private worker: Worker | undefined;

  constructor(dir: string, stagingBytes: number) {
    this.dir = dir;
    this.channel = allocateChannel(stagingBytes);
    this.host = new ChannelHost(this.channel);
    this.host.onWanted(() => this.start());
  }

  /** Before the process ends: a thread that is ended inside a transaction would never end. */
  stop(): void {
    if (this.worker !== undefined) this.host.stop(STOP_MS);
  }

  private start(): void {
    // It runs nothing of the user's, so it needs none of what the process was started with.
    const { NODE_OPTIONS: _, ...env } = process.env;
    const worker = new Worker(new URL('./store-thread.js', import.meta.url), {
      workerData: { channel: this.channel },
      name: 'millrace-journal',
      execArgv: [],
      env,
    });
    worker.unref();
    this.worker = worker;
    let failure: Error | undefined;
    worker.once('error', (error) => {
      failure = error;
    });
    worker.once('exit', () => {
      if (this.worker !== worker) return;
      this.worker = undefined;
      // One that ended by itself has answered; what is asked since then is for the next.
      if (failure === undefined && !this.host.isRunning()) return;
      const text = `the thread that writes the journal ${this.dir} died: what was committed is whole; start again, it resumes there`;
      this.host.died({ code: 'STORE_FAILED', text, cause: failure && causeOf(failure) });
    });
  }
}

const hosts = new Map<string, StoreHost>();

/** The host of a folder, one for each thread that describes flows. */
export function storeHost(dir: string, stagingBytes: number): StoreHost {
  if (hosts.size === 0) {
    process.once('exit', () => {
      for (const host of hosts.values()) host.stop();
    });
  }
  const key = `${stagingBytes} ${resolve(dir)}`;
  let host = hosts.get(key);
  if (host === undefined) {
    host = new StoreHost(dir, stagingBytes);
    hosts.set(key, host);
  }
  return host;
}
