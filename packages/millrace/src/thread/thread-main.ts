/** The part of a thread's life that processors and writers share: load, tell, wait for the memory, run, say how it ended. */

import { setTimeout } from 'node:timers/promises';
import type { MessagePort } from 'node:worker_threads';
import { faultsOf, type PartKind } from './definition-faults.ts';
import { type Packed, packError } from './error-transfer.ts';
import { FlowStopped, MillraceError } from './errors.ts';
import { describeExports, exportOf } from './exports.ts';
import type { DeadLetter } from './failure-policy.ts';
import { leave } from './leave.ts';
import type { FromThread, ModuleRef, ThreadResult, ThreadTask, ToThread } from './messages.ts';
import type { Settles } from './settles.ts';
import { printDirectly, printed } from './thread-output.ts';
import { messageOf, readable } from './thrown.ts';
import { notSettled, within } from './time-limit.ts';

/** The thread's end of its port to the host. */
export class HostPort {
  private readonly port: MessagePort;
  private readonly inbox: Exclude<ToThread, { type: 'leave' }>[] = [];
  private arrived: () => void = () => {};
  /** The first error that nobody has caught. */
  private firstStray: Packed | undefined;

  constructor({ port }: ThreadTask) {
    this.port = port;
    port.on('message', (message: ToThread) => {
      if (message.type === 'leave') return void leave();
      this.inbox.push(message);
      this.arrived();
    });
  }

  send(message: FromThread): void {
    this.port.postMessage(message);
  }

  /** The host may hear how the thread ended before it hears of this: so the thread says it once more then. */
  sendStray(error: Packed): void {
    this.firstStray ??= error;
    this.send({ type: 'stray', error });
  }

  /** How the thread has ended that has done all there was to do. */
  result(): ThreadResult {
    return this.firstStray === undefined ? { type: 'ended' } : { type: 'stray', error: this.firstStray };
  }

  /** The next message, or undefined when starting was cancelled. One wait at a time. */
  async receive(): Promise<Exclude<ToThread, { type: 'cancel' | 'leave' }> | undefined> {
    if (this.inbox.length === 0) {
      await new Promise<void>((resolve) => {
        this.arrived = resolve;
      });
    }
    const message = this.inbox.shift()!;
    return message.type === 'cancel' ? undefined : message;
  }

  /** Resolves when the letter is safe with whoever takes dead letters. */
  async deadLetter(letter: DeadLetter): Promise<void> {
    const { cause, ...rest } = letter;
    this.send({ type: 'deadLetter', letter: { ...rest, cause: undefined }, cause: packError(cause) });
    await this.receive();
  }
}

/** Runs a thread's life and turns whatever it throws into a result: an error must arrive whole. */
export async function threadMain(task: ThreadTask, life: (port: HostPort) => Promise<void>): Promise<ThreadResult> {
  printDirectly(task.output);
  const port = new HostPort(task);
  process.on('uncaughtException', (error) => tellStray(port, error));
  try {
    await life(port);
    await lastTurn();
    return port.result();
  } catch (error) {
    return { type: 'failed', error: packError(error) };
  } finally {
    await printed();
    task.port.close();
  }
}

/** What the last events have left behind is run, and fails the flow where it fails: microtasks, and timers of no time. */
const lastTurn = (): Promise<unknown> => setTimeout(1);

/** An error that nobody catches, or a rejection: the flow fails of it, since nobody knows what was lost with it. */
function tellStray(port: HostPort, thrown: unknown): void {
  const error = readable(thrown);
  // A listener of the user's takes it, as in any process.
  const isTaken = process.listenerCount('uncaughtException') > 1;
  if (!isTaken && !(error instanceof FlowStopped)) port.sendStray(packError(error));
}

/** Runs the duty cycle of a thread that is ready, once it is told to go, and then the user's `dispose`, however it ended. */
export async function runToTheEnd(
  port: HostPort,
  run: () => Promise<void>,
  dispose: () => Promise<void>,
): Promise<void> {
  try {
    if ((await port.receive())?.type === 'go') await run();
  } catch (error) {
    // At once: the flow goes down meanwhile, and what `dispose` throws beside is no news.
    port.send({ type: 'failed', error: packError(error) });
    await dispose().catch(() => {});
    throw error;
  }
  port.send({ type: 'ending', part: 'dispose' });
  await dispose();
}

/** Imports the user's module and takes the export that `is` accepts, whose parts have to be of these kinds. */
export async function loadExport<T extends object>(
  module: ModuleRef,
  is: (value: unknown) => value is T,
  what: string,
  parts: Readonly<Record<string, PartKind>>,
): Promise<T> {
  let exports: Record<string, unknown>;
  try {
    exports = (await import(module.url)) as Record<string, unknown>;
  } catch (thrown) {
    const error = readable(thrown);
    const message = messageOf(error);
    throw new MillraceError('MODULE_FAILED', `${module.url} failed on import: ${message}${remedyFor(error)}`, {
      cause: error,
    });
  }
  const value = exportOf(exports, module.exportName, is);
  if (is(value)) {
    const faults = faultsOf(value, parts);
    if (faults.length === 0) return value;
    throw new MillraceError('BAD_MODULE', `${what} "${module.exportName}" of ${module.url}: ${faults.join('; ')}`);
  }
  const names = describeExports(exports);
  throw new MillraceError(
    'BAD_MODULE',
    `export "${module.exportName}" of ${module.url} is not a ${what}; it exports: ${names}. ` +
      `Write \`export default ${what}({ … })\`, or name the export in the option \`export\``,
  );
}

/** What to do about TypeScript that this Node does not load. */
function remedyFor(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  const compiled = '. Threads load modules as Node does: name the compiled .js file';
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') return `${compiled}, since Node only strips types`;
  const isRefused = code === 'ERR_UNKNOWN_FILE_EXTENSION' && /\.[cm]?tsx?"/.test(String(message));
  if (!isRefused && code !== 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING') return '';
  return `${compiled}, or run on Node 22.18 or later, which strips types outside node_modules`;
}

/** Runs the user's `init` (or what else runs before a thread is ready) and says whose it was when it throws. */
export async function runInit<T>(init: () => T | PromiseLike<T>, who: string, what = 'init'): Promise<T> {
  try {
    return await init();
  } catch (thrown) {
    const error = readable(thrown);
    // Ours already says what is wrong; it only does not know where.
    if (error instanceof MillraceError) {
      throw new MillraceError(error.code, error.text, { cause: error.cause, sequence: error.sequence, thread: who });
    }
    const message = messageOf(error);
    throw new MillraceError('MODULE_FAILED', `${what} of ${who} failed: ${message}`, { cause: error, thread: who });
  }
}

/** Runs the user's `dispose`. Rejects with an error of ours, whatever becomes of it. */
export async function runDispose(
  definition: { dispose?(): Settles } | undefined,
  who: string,
  timeoutMs: number,
): Promise<void> {
  try {
    await within(timeoutMs, definition?.dispose?.(), () => notSettled(timeoutMs));
  } catch (thrown) {
    const cause = readable(thrown);
    const message = messageOf(cause);
    const code = who === 'writer' ? 'WRITER_FAILED' : 'PROCESSOR_FAILED';
    throw new MillraceError(code, `dispose of ${who} failed: ${message}`, { cause, thread: who });
  }
}
