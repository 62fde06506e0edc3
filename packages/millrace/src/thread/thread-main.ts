/** The part of a thread's life that processors and writers share: load, tell, wait for the memory, run, say how it ended. */

import { packError } from './error-transfer.ts';
import { MillraceError } from './errors.ts';
import type { DeadLetter } from './failure-policy.ts';
import type { FromThread, ModuleRef, ThreadResult, ThreadTask, ToThread } from './messages.ts';

/** The thread's end of its port to the host. */
export class HostPort {
  private readonly task: ThreadTask;

  constructor(task: ThreadTask) {
    this.task = task;
  }

  send(message: FromThread): void {
    this.task.port.postMessage(message);
  }

  /** The next message, or undefined when starting was cancelled. */
  async receive(): Promise<Exclude<ToThread, { type: 'cancel' }> | undefined> {
    const message = await new Promise<ToThread>((resolve) => this.task.port.once('message', resolve));
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
  try {
    await life(new HostPort(task));
    return { type: 'ended' };
  } catch (error) {
    return { type: 'failed', error: packError(error) };
  } finally {
    task.port.close();
  }
}

/** Imports the user's module and takes the export that `is` accepts. */
export async function loadExport<T>(module: ModuleRef, is: (value: unknown) => value is T, what: string): Promise<T> {
  let exports: Record<string, unknown>;
  try {
    exports = (await import(module.url)) as Record<string, unknown>;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new MillraceError('MODULE_FAILED', `${module.url} failed on import: ${message}${remedyFor(module.url)}`, {
      cause: error,
    });
  }
  const value = exports[module.exportName];
  if (is(value)) return value;
  const names = Object.keys(exports).join(', ') || 'nothing';
  throw new MillraceError(
    'BAD_MODULE',
    `export "${module.exportName}" of ${module.url} is not a ${what}; it exports: ${names}. ` +
      `Write \`export default ${what}({ … })\`, or name the export in the option \`export\``,
  );
}

const remedyFor = (url: string): string =>
  /\.[cm]?tsx?$/.test(new URL(url).pathname)
    ? '. Threads load modules as Node does: name the compiled .js file, or run on Node 22.18 or later, which strips types outside node_modules'
    : '';

/** Runs the user's `init` (or what else runs before a thread is ready) and says whose it was when it throws. */
export async function runInit<T>(init: () => T | PromiseLike<T>, who: string, what = 'init'): Promise<T> {
  try {
    return await init();
  } catch (error) {
    // Ours already says what is wrong; it only does not know where.
    if (error instanceof MillraceError) {
      throw new MillraceError(error.code, error.text, { cause: error.cause, sequence: error.sequence, thread: who });
    }
    const message = error instanceof Error ? error.message : String(error);
    throw new MillraceError('MODULE_FAILED', `${what} of ${who} failed: ${message}`, { cause: error, thread: who });
  }
}
