/** The main half of processor-thread.ts and writer-thread.ts. The threads of one role, hosted by Piscina: it starts them, reports how each task ended, and takes the process down with none. */
import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, type ResourceLimits } from 'node:worker_threads';
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

/** The host's end of one thread. */
export class HostedThread {
  readonly name: string;
  /** Resolves when the thread's task has ended; rejects with the user's error or with THREAD_DIED. */
  readonly ended: Promise<void>;
  private readonly port: MessagePort;
  private readonly inbox: FromThread[] = [];
  private arrived: (() => void) | undefined;

  constructor(pool: Piscina, name: string, module: ModuleRef | undefined) {
    const { port1, port2 } = new MessageChannel();
    this.name = name;
    this.port = port1;
    port1.on('message', (message: FromThread) => {
      this.inbox.push(message);
      this.arrived?.();
    });
    const task: ThreadTask = { module, port: port2 };
    this.ended = this.outcome(pool.run(task, { transferList: [port2] }) as Promise<ThreadResult>);
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
      throw new MillraceError('THREAD_DIED', `${this.name} died: ${message}`, { thread: this.name, cause });
    } finally {
      this.port.close();
    }
    if (result.type === 'failed') throw unpackError(result.error);
  }
}

export class ThreadPool {
  private readonly piscina: Piscina;
  private readonly exits: readonly Promise<unknown>[];

  constructor(file: 'processor-thread' | 'writer-thread', threads: number, options: ThreadOptions) {
    try {
      this.piscina = new Piscina({
        filename: fileURLToPath(threadFile(file)),
        minThreads: threads,
        maxThreads: threads,
        concurrentTasksPerWorker: 1,
        // Tasks are as long as the flow. Between them a thread waits for its port and not in Atomics.wait, so it can be ended.
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
    this.piscina.on('error', () => {});
    // A flow does not outlive its threads, so none is replaced: the pool would do that after `destroy` as well, when a
    // thread that had died before says so late.
    this.piscina.options.minThreads = 0;
    this.exits = this.piscina.threads.map((worker) => new Promise((resolve) => worker.once('exit', resolve)));
  }

  start(name: string, module: ModuleRef | undefined): HostedThread {
    return new HostedThread(this.piscina, name, module);
  }

  /** Ends all threads, whatever they do, and waits until the last one is gone. */
  async end(): Promise<void> {
    await this.piscina.destroy();
    await Promise.all(this.exits);
  }
}
