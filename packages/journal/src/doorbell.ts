import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import { onAbort } from 'native-free-rings/waits';
import { FILES } from './files.ts';

/** Tells that a writer, in whichever process, has committed: the system watches a file, and nothing is polled. */
export class Doorbell {
  private readonly watcher: FSWatcher;
  private hasRung = false;
  private wake: (() => void) | undefined;

  constructor(dir: string) {
    this.watcher = watch(join(dir, FILES.doorbell), () => this.ring());
    this.watcher.on('error', () => this.ring());
  }

  /** Before looking at the store: what is committed after that rings. */
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
    if (this.hasRung) return;
    const letGo = signal === undefined ? undefined : onAbort(signal, () => this.wake?.());
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.wake = undefined;
    letGo?.();
    signal?.throwIfAborted();
  }

  close(): void {
    this.watcher.close();
    this.ring();
  }
}
