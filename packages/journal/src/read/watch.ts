import { type FSWatcher, watch } from 'node:fs';
import { onAbort } from 'native-free-rings/waits';
import { JournalError } from '../errors.ts';

/** Tells that a writer, in whichever process, has committed: the system watches the folder, and nothing is polled. */
export class FolderWatch {
  private readonly watcher: FSWatcher;
  private hasRung = false;
  private wake: (() => void) | undefined;
  private failure: JournalError | undefined;

  constructor(dir: string) {
    try {
      this.watcher = watch(dir, () => this.ring());
    } catch (cause) {
      throw new JournalError(
        'STORE_FAILED',
        `the folder ${dir} cannot be watched: read without "follow", or raise the system's limit of watches (on Linux fs.inotify.max_user_watches)`,
        { cause },
      );
    }
    this.watcher.on('error', (cause) => {
      this.failure = new JournalError('STORE_FAILED', `the folder ${dir} can no longer be watched: see the cause`, {
        cause,
      });
      this.ring();
    });
  }

  /** Before looking at the journal: what is committed after that rings. */
  listen(): void {
    this.hasRung = false;
  }

  ring(): void {
    this.hasRung = true;
    this.wake?.();
  }

  /** Resolves when it has rung since `listen`; rejects with the signal's reason. */
  async wait(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.failure !== undefined) throw this.failure;
    if (this.hasRung) return;
    const letGo = signal === undefined ? undefined : onAbort(signal, () => this.wake?.());
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.wake = undefined;
    letGo?.();
    signal?.throwIfAborted();
  }

  /** Whoever waits goes on. Again does nothing more. */
  close(): void {
    this.watcher.close();
    this.ring();
  }
}
