/** The main half of processor-thread.ts and writer-thread.ts: one thread, hosted by Piscina, which starts it by way of pool-entry.cts, tells how its task ended, and takes the process down with none. */
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, type ResourceLimits, type Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { unpackError } from '../thread/error-transfer.ts';
import { MillraceError } from '../thread/errors.ts';
import type { FromThread, ModuleRef, ThreadResult, ThreadTask, ToThread } from '../thread/messages.ts';
import { threadFile } from './thread-files.ts';

/** Options of `worker_threads.Worker` that are passed through. */
export interface ThreadOptions {
  resourceLimits?: ResourceLimits;
  execArgv?: string[];
  env?: NodeJS.ProcessEnv;
}

/** What a thread is started with. */
export interface ThreadSpec {
  readonly life: 'processor' | 'writer';
  readonly name: string;
  readonly module: ModuleRef | undefined;
  readonly options: ThreadOptions;
}

/** The host's end of one thread. */
export class HostedThread {
  /** Resolves when the thread's task has ended; rejects with the user's error or with THREAD_DIED. */
  readonly ended: Promise<void>;
  /** Resolves when the thread itself is gone, however it ended: from then on it writes nothing. */
  readonly gone: Promise<void>;
  /** The thread ended without saying how. Known when `ended` has settled. */
  isDead = false;
  private readonly name: string;
  private readonly piscina: Piscina;
  private readonly worker: Worker;
  private readonly port: MessagePort;
  private readonly inbox: FromThread[] = [];
  private arrived: (() => void) | undefined;

  constructor({ life, name, module, options }: ThreadSpec) {
    this.name = name;
    this.piscina = startPool(life, options);
    this.worker = this.piscina.threads[0]!;
    this.gone = new Promise((resolve) => this.worker.once('exit', () => resolve()));
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    port1.on('message', (message: FromThread) => {
      this.inbox.push(message);
      this.arrived?.();
    });
    const task: ThreadTask = { module, port: port2 };
    this.ended = this.outcome(this.piscina.run(task, { transferList: [port2] }) as Promise<ThreadResult>);
    this.ended.catch(() => {});
  }

  send(message: ToThread): void {
    this.port.postMessage(message);
  }

  /** The thread's next message; rejects when the thread ends before it comes. */
  async receive(): Promise<FromThread> {
    const message = new Promise<FromThread>((resolve) => {
      const take = (): void => {
        const first = this.inbox.shift();
        if (first === undefined) return;
        this.arrived = undefined;
        resolve(first);
      };
      this.arrived = take;
      take();
    });
    const early = this.ended.then(() => {
      throw new MillraceError('THREAD_DIED', `${this.name} ended before it was ready`, { thread: this.name });
    });
    return await Promise.race([message, early]);
  }

  /** From now on `take` gets the thread's messages. */
  listen(take: (message: FromThread) => void): void {
    this.arrived = () => {
      for (const message of this.inbox.splice(0)) take(message);
    };
    this.arrived();
  }

  /** Ends the thread at whatever instruction it is. */
  async kill(): Promise<void> {
    await this.worker.terminate();
  }

  /** Ends the thread, whatever it does, and waits until it is gone. */
  async end(): Promise<void> {
    await this.piscina.destroy();
    await this.gone;
  }

  private async outcome(task: Promise<ThreadResult>): Promise<void> {
    let result: ThreadResult;
    try {
      result = await task;
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      if (cause instanceof DOMException && cause.name === 'DataCloneError') {
        const remedy = 'give data that structuredClone takes, and let `init` make the rest';
        throw new MillraceError(
          'BAD_OPTIONS',
          `the option \`data\` cannot be sent to ${this.name}: ${message}: ${remedy}`,
          { cause },
        );
      }
      this.isDead = true;
      throw new MillraceError('THREAD_DIED', `${this.name} died: ${message}`, { thread: this.name, cause });
    } finally {
      this.port.close();
    }
    if (result.type === 'failed') throw unpackError(result.error);
  }
}

function startPool(life: ThreadSpec['life'], options: ThreadOptions): Piscina {
  let piscina: Piscina;
  try {
    piscina = new Piscina({
      filename: fileURLToPath(threadFile('pool-entry')),
      name: life,
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: 1,
      // The task is as long as the flow. Before it a thread waits for its port and not in Atomics.wait, so it can be ended.
      atomics: 'disabled',
      recordTiming: false,
      ...options,
    });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new MillraceError(
      'BAD_OPTIONS',
      `threads do not start with these execArgv, env and resourceLimits: ${message}`,
      { cause },
    );
  }
  // Errors outside a task reject the task as well; without a listener they would be thrown at the process.
  piscina.on('error', () => {});
  // A thread that died is replaced by thread-crew.ts, in a pool of its own: this one would replace it after `destroy` as
  // well, when a thread that had died before says so late.
  piscina.options.minThreads = 0;
  return piscina;
}
