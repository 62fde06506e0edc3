import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { StartOptions } from './contender.ts';
import type { ProcessCost, Request, Response } from './remote-protocol.ts';

const CHILD = new URL('./remote-child.js', import.meta.url);
const STOP_DEADLINE_MS = 10_000;

export interface RemoteRound<Result> {
  readonly result: Result;
  readonly cost: ProcessCost;
}

type RequestBody = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never;

/**
 * A contender in a process of its own, which lives for all its rounds: nobody shares a heap, compiled code or a garbage
 * collector with it, its memory can be told, and it is idle while another contender runs. Counterpart: `remote-child.ts`.
 */
export class RemoteContender<Setting, Result> {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #nextId = 0;

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    this.#exited = once(child, 'exit');
  }

  /** `registry` is the URL of a module whose default export is a `Registry`. */
  static async start<Setting, Result>(
    registry: URL,
    name: string,
    options: StartOptions,
    execArgv: readonly string[] = [],
  ): Promise<RemoteContender<Setting, Result>> {
    const child = fork(CHILD, { execArgv: [...process.execArgv, ...execArgv], serialization: 'advanced' });
    const remote = new RemoteContender<Setting, Result>(name, child);
    await remote.#ask({ type: 'start', registry: registry.href, name, options });
    return remote;
  }

  async round(setting: Setting): Promise<RemoteRound<Result>> {
    const { result, cost } = await this.#ask({ type: 'round', setting });
    return { result: result as Result, cost };
  }

  async idle(ms: number): Promise<ProcessCost> {
    return (await this.#ask({ type: 'idle', ms })).cost;
  }

  /** Stops the contender and waits until its process has ended by itself; one that does not end is killed, and that is an error. */
  async stop(): Promise<void> {
    await this.#ask({ type: 'stop' });
    const deadline = setTimeout(() => this.#child.kill('SIGKILL'), STOP_DEADLINE_MS);
    await this.#exited;
    clearTimeout(deadline);
    if (this.#child.signalCode === 'SIGKILL') {
      throw new Error(
        `${this.name} still ran ${STOP_DEADLINE_MS} ms after its stop(): it left a thread or a handle behind`,
      );
    }
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #ask(body: RequestBody): Promise<Extract<Response, { type: 'done' }>> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#child.off('message', onMessage);
        this.#child.off('exit', onExit);
      };
      const onMessage = (message: unknown): void => {
        const response = message as Response;
        if (response.id !== id) return;
        settle();
        if (response.type === 'done') resolve(response);
        else reject(new Error(`${this.name}: ${response.message}`));
      };
      const onExit = (code: number | null, signal: string | null): void => {
        settle();
        reject(new Error(`${this.name}: its process ended during "${body.type}" (exit ${code ?? signal})`));
      };
      this.#child.on('message', onMessage);
      this.#child.on('exit', onExit);
      this.#child.send({ ...body, id });
    });
  }
}
