/** The main half of the coordinator's thread, control-plane-thread.ts: starts it, calls it through Comlink, ends it. */
import { Worker } from 'node:worker_threads';
import { type Remote, releaseProxy, wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { settlesWithin } from 'native-free-rings/waits';
import type { CoordinatorPlane } from '../coordinator/coordinator-plane.ts';
import { MillraceError } from '../thread/errors.ts';
import type { FlowPlan } from '../thread/plan.ts';
import { within } from '../thread/time-limit.ts';
import { threadFile } from './thread-files.ts';
import { libraryFlags } from './thread-flags.ts';

/** Loading its code takes a moment, on a busy machine a long one. */
const LOAD_MS = 10_000;

export class CoordinatorHost {
  private readonly worker: Worker;
  private readonly plane: Remote<CoordinatorPlane>;
  /** Rejects when the thread ends before it was told to. A Comlink call pending then would never settle. */
  private readonly died: Promise<never>;
  /** Settles when the thread has loaded its code, or has died. */
  private readonly loaded: Promise<unknown>;
  private readonly startTimeoutMs: number;
  private attached: Promise<void> | undefined;
  private ended: Promise<void> | undefined;

  constructor(name: string, startTimeoutMs: number) {
    this.startTimeoutMs = startTimeoutMs;
    this.worker = new Worker(threadFile('control-plane-thread'), { name: `${name} coordinator`, ...libraryFlags() });
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
    this.loaded = Promise.race([this.plane.hello(), this.died]).catch(() => {});
  }

  /** Resolves when the thread is attached to the flow's memory, and so ready. Idempotent. */
  attach(plan: FlowPlan): Promise<void> {
    this.attached ??= within(this.startTimeoutMs, this.orDeath(this.plane.attach(plan)), () => {
      const message = `the coordinator is not ready after ${this.startTimeoutMs} ms: raise \`startTimeoutMs\` (0: no limit)`;
      return new MillraceError('START_TIMEOUT', message, { thread: 'coordinator' });
    });
    return this.attached;
  }

  /** Settles when the flow has ended or the thread has died. */
  async run(plan: FlowPlan): Promise<void> {
    await this.attach(plan);
    await this.orDeath(this.plane.run());
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

  private async orDeath<T>(call: Promise<T>): Promise<T> {
    const called = call.catch((cause: unknown) => {
      throw new MillraceError('THREAD_DIED', 'the coordinator thread failed', { thread: 'coordinator', cause });
    });
    return await Promise.race([called, this.died]);
  }

  private async endOnce(): Promise<void> {
    // Of a thread that is terminated in the middle of an import the process keeps the descriptor.
    await settlesWithin(this.loaded, LOAD_MS);
    this.plane[releaseProxy]();
    await this.worker.terminate();
  }
}
