/** The main half of processor-thread.ts and writer-thread.ts: one thread, hosted by Piscina, which starts it by way of pool-entry.cts, tells how its task ended, and takes the process down with none. */
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import {
  MessageChannel,
  type MessagePort,
  type ResourceLimits,
  type SHARE_ENV,
  type Worker,
} from 'node:worker_threads';
import { after, settlesWithin } from 'native-free-rings/waits';
import { Piscina } from 'piscina';
import { type Packed, unpackError } from '../thread/error-transfer.ts';
import { asMillraceError, type ErrorCode, MillraceError } from '../thread/errors.ts';
import type { EndingPart, FromThread, ModuleRef, ThreadResult, ThreadTask, ToThread } from '../thread/messages.ts';
import { messageOf } from '../thread/thrown.ts';
import { notReturned, startTimeout } from '../thread/time-limit.ts';
import { directOutput } from './direct-output.ts';
import { threadFile } from './thread-files.ts';
import { inheritedFlags, withoutRefused } from './thread-flags.ts';

/** Options of `worker_threads.Worker` that are passed through. */
export interface ThreadOptions {
  resourceLimits?: ResourceLimits;
  execArgv?: string[];
  env?: NodeJS.ProcessEnv | typeof SHARE_ENV;
}

/** What a thread is started with. */
export interface ThreadSpec {
  readonly life: 'processor' | 'writer';
  readonly name: string;
  readonly module: ModuleRef | undefined;
  readonly options: ThreadOptions;
  /** How long importing the module may take, and then `init` and warm-up; 0: for ever. */
  readonly startTimeoutMs: number;
}

/** A thread that was told to leave does so as soon as its event loop turns: it may be in the middle of a long import. */
const LEAVE_MS = 10_000;
/** A thread whose event loop turns tells by itself what takes too long at its end; the host waits for that. */
const ANSWER_MS = 1_000;
/** What a thread that is gone has printed is on its way to a stream that somebody may not read. */
const PRINT_MS = 1_000;

/** The host's end of one thread. */
export class HostedThread {
  /** Resolves when the thread's task has ended; rejects with the user's error or with THREAD_DIED, as soon as that is known. */
  readonly ended: Promise<void>;
  /** Settles when the task has ended, whatever was known before. */
  readonly over: Promise<void>;
  /** Resolves when the thread itself is gone, however it ended: from then on it writes nothing. */
  readonly gone: Promise<void>;
  /** The thread ended without saying how. Known when `ended` has settled. */
  isDead = false;
  private readonly spec: ThreadSpec;
  private readonly name: string;
  private readonly piscina: Piscina;
  private readonly worker: Worker;
  private readonly port: MessagePort;
  private readonly inbox: FromThread[] = [];
  private arrived: (() => void) | undefined;
  private fail!: (error: unknown) => void;
  /** It is loading, or running its init, and has not been told to go. */
  private isStarting = true;
  private cancelLimit: () => void = () => {};
  /** Its task has ended: what it said before may come later. */
  private isOver = false;
  private ending: Promise<void> | undefined;

  constructor(spec: ThreadSpec) {
    const { life, name, module, options } = spec;
    this.spec = spec;
    this.name = name;
    this.piscina = startPool(life, options);
    this.worker = this.piscina.threads[0]!;
    this.gone = new Promise((resolve) => this.worker.once('exit', () => resolve()));
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    port1.on('message', (message: FromThread) => this.take(message));
    const task: ThreadTask = { module, output: directOutput(), port: port2 };
    this.over = this.outcome(this.piscina.run(task, { transferList: [port2] }) as Promise<ThreadResult>);
    const failed = new Promise<never>((_, reject) => {
      this.fail = reject;
    });
    this.ended = Promise.race([this.over, failed]);
    this.over.catch(() => {});
    this.ended.catch(() => {});
    this.limit(module?.url);
  }

  send(message: ToThread): void {
    if (message.type === 'start') this.limit();
    if (message.type === 'go') this.isStarting = false;
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

  /** Ends the thread, whatever it does, and waits until it is gone. Idempotent. */
  end(): Promise<void> {
    this.ending ??= this.endOnce();
    return this.ending;
  }

  private async endOnce(): Promise<void> {
    this.cancelLimit();
    if (this.isStarting) {
      this.send({ type: 'leave' });
      await settlesWithin(Promise.race([this.over, this.gone]), LEAVE_MS);
    }
    await this.piscina.destroy();
    await this.gone;
    await settlesWithin(Promise.all([passedOn(this.worker.stdout), passedOn(this.worker.stderr)]), PRINT_MS);
  }

  private take(message: FromThread): void {
    const { type } = message;
    if (type === 'failed') this.fail(this.error(message.error));
    else if (type === 'stray') this.fail(this.strayError(message.error));
    else if (type === 'ending') this.limitEnd(message.part);
    else {
      if (type === 'loaded' || type === 'ready') this.cancelLimit();
      this.inbox.push(message);
      this.arrived?.();
    }
  }

  private get code(): ErrorCode {
    return this.spec.life === 'writer' ? 'WRITER_FAILED' : 'PROCESSOR_FAILED';
  }

  private error(packed: Packed): MillraceError {
    return asMillraceError(unpackError(packed), this.code, this.name, this.name);
  }

  private strayError(packed: Packed): MillraceError {
    const cause = unpackError(packed);
    const message = messageOf(cause);
    return new MillraceError(
      this.code,
      `code of ${this.name} failed where nobody catches it: ${message}. It was thrown by a timer or a callback, or a promise ` +
        'rejected that is not awaited: catch it there, or await the promise',
      { thread: this.name, cause },
    );
  }

  /** From now on `startTimeoutMs` counts, for importing that module, or for what comes then. */
  private limit(url?: string): void {
    const { startTimeoutMs } = this.spec;
    if (startTimeoutMs === 0) return;
    this.cancelLimit = after(startTimeoutMs, () => this.fail(startTimeout(this.name, url, startTimeoutMs)));
  }

  /** The same for what a thread calls at its end. */
  private limitEnd(part: EndingPart): void {
    const { startTimeoutMs } = this.spec;
    this.cancelLimit();
    if (startTimeoutMs === 0 || this.isOver) return;
    this.cancelLimit = after(startTimeoutMs + ANSWER_MS, () => {
      this.fail(new MillraceError(this.code, notReturned(part, this.name, startTimeoutMs), { thread: this.name }));
    });
  }

  private async outcome(task: Promise<ThreadResult>): Promise<void> {
    let result: ThreadResult;
    try {
      result = await task;
    } catch (cause) {
      const message = messageOf(cause);
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
      this.isOver = true;
      this.cancelLimit();
      this.port.close();
    }
    if (result.type === 'failed') throw this.error(result.error);
    if (result.type === 'stray') throw this.strayError(result.error);
  }
}

function startPool(life: ThreadSpec['life'], given: ThreadOptions): Piscina {
  const options = { ...inheritedFlags(), ...given };
  let piscina: Piscina;
  try {
    piscina = newPool(life, options);
  } catch (cause) {
    const message = messageOf(cause);
    if (given.execArgv === undefined && options.execArgv !== undefined && options.execArgv.length > 0) {
      return startPool(life, { ...given, execArgv: withoutRefused(options.execArgv, message) });
    }
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

const newPool = (life: ThreadSpec['life'], options: ThreadOptions): Piscina =>
  new Piscina({
    filename: fileURLToPath(threadFile('pool-entry')),
    name: life,
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: 1,
    // The task is as long as the flow. Before it a thread waits for its port and not in Atomics.wait, so it can be ended.
    atomics: 'disabled',
    recordTiming: false,
    // Its thread stays until `end`: what it printed is on its way when the task has ended.
    idleTimeout: Number.POSITIVE_INFINITY,
    ...options,
  });

/** Resolves when all that a thread that is gone has printed is handed on. */
const passedOn = async (stream: Readable): Promise<void> => {
  if (!stream.readableEnded) await finished(stream).catch(() => {});
};
