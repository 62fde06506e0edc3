/** The main half of the coordinator's thread, control-plane-thread.ts: starts it, calls it through Comlink, ends it. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Remote, releaseProxy, wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { CoordinatorPlane } from '../coordinator/coordinator-plane.ts';
import { MillraceError } from '../thread/errors.ts';
import type { FlowPlan } from '../thread/plan.ts';
import { threadFile } from './thread-files.ts';

export class CoordinatorHost {
  private readonly worker: Worker;
  private readonly plane: Remote<CoordinatorPlane>;
  /** Rejects when the thread ends before it was told to. A Comlink call pending then would never settle. */
  private readonly died: Promise<never>;
  private ended: Promise<void> | undefined;

  constructor(name: string) {
    this.worker = new Worker(threadFile('control-plane-thread'), { name: `${name} coordinator` });
    this.plane = wrap<CoordinatorPlane>(nodeEndpoint(this.worker));
    this.died = new Promise<never>((_, reject) => {
      const details = { thread: 'coordinator' };
      this.worker.on('error', (cause) => {
        reject(new MillraceError('THREAD_DIED', 'the coordinator thread failed', { ...details, cause }));
      });
      this.worker.on('exit', (code) => {
        if (this.ended === undefined)
          reject(new MillraceError('THREAD_DIED', `the coordinator thread ended with code ${code}`, details));
      });
    });
    this.died.catch(() => {});
  }

  async online(): Promise<void> {
    await Promise.race([once(this.worker, 'online'), this.died]);
  }

  /** Settles when the flow has ended or the thread has died. */
  async run(plan: FlowPlan): Promise<void> {
    const ran = this.plane.run(plan).catch((cause: unknown) => {
      throw new MillraceError('THREAD_DIED', 'the coordinator thread failed', { thread: 'coordinator', cause });
    });
    await Promise.race([ran, this.died]);
  }

  /** Ends the thread at whatever instruction it is. */
  async kill(): Promise<void> {
    await this.worker.terminate();
  }

  /** Idempotent. */
  async end(): Promise<void> {
    this.ended ??= this.endOnce();
    await this.ended;
  }

  private async endOnce(): Promise<void> {
    this.plane[releaseProxy]();
    await this.worker.terminate();
  }
}
