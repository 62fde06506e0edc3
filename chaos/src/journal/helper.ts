/** The processes that the harness gives its jobs to, as its own process has to live. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Job } from './jobs.ts';

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url));
/** A process that owes an answer and says nothing for so long hangs. */
const HANG_MS = 60_000;
const WHY_MS = 2_000;

export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
}

export class Helper {
  readonly ended: Promise<Ending>;
  /** How it ended; undefined while it lives. */
  ending: Ending | undefined;
  hangs = false;
  private readonly child: ChildProcess;
  private readonly lines: string[] = [];
  private notify: () => void = () => undefined;
  private errors = '';
  private readonly isApart: boolean;
  private saidLast = '';
  private why = '';

  /** `command`: the Node that runs it, and what is put in front. */
  constructor(command: readonly string[]) {
    const child = spawn(command[0]!, [...command.slice(1), CHILD], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.child = child;
    this.isApart = command.length > 1;
    // It may be dead when it is written to.
    child.stdin!.on('error', () => undefined);
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (line.startsWith('why ')) this.why = line;
      else {
        this.saidLast = line;
        this.lines.push(line);
      }
      this.notify();
    });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.errors = (this.errors + text).slice(-3_000);
    });
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        this.ending = { code, signal };
        resolve(this.ending);
        this.notify();
      });
    });
  }

  give(job: Job): void {
    this.child.stdin!.write(`${JSON.stringify(job)}\n`);
  }

  /** Releases one that is ready, at a moment on the clock of all processes. */
  release(time: number): void {
    this.child.stdin!.write(`go ${time}\n`);
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** The next line that it says, as words; undefined when it has ended, or says nothing for too long. */
  async line(): Promise<readonly string[] | undefined> {
    let timer: NodeJS.Timeout | undefined;
    while (this.lines.length === 0 && this.ending === undefined && !this.hangs) {
      await new Promise<void>((resolve) => {
        this.notify = resolve;
        timer ??= setTimeout(() => {
          this.hangs = true;
          // Before it is killed it may say what it waits for. (One that is apart would not get the signal.)
          if (!this.isApart) this.child.kill('SIGUSR2');
          setTimeout(() => this.notify(), WHY_MS);
        }, HANG_MS);
      });
    }
    clearTimeout(timer);
    const line = this.lines.shift();
    if (line === undefined) return undefined;
    const space = line.indexOf(' ');
    return space < 0 ? [line] : [line.slice(0, space), line.slice(space + 1)];
  }

  /** Lets it end, which it has to do by itself. Returns what is wrong with how it did. */
  async finish(): Promise<string | undefined> {
    this.child.stdin!.end();
    while ((await this.line()) !== undefined);
    const how = this.howItEnded();
    if (this.hangs) this.kill();
    return how;
  }

  /** What is wrong with how it ended, where nobody killed it. */
  howItEnded(): string | undefined {
    if (this.hangs) return `hangs; it said last: ${this.saidLast}; ${this.why}${this.said()}`;
    const { ending } = this;
    if (ending?.signal) return `died of ${ending.signal}${this.said()}`;
    return ending === undefined || ending.code === 0 ? undefined : `ended with code ${ending.code}${this.said()}`;
  }

  private said(): string {
    return this.errors === '' ? '' : `: ${this.errors.trim()}`;
  }
}

/**
 * Of a process that does not see the others, as in a container, and that they do not see: each takes the other one for dead. Undefined
 * where this process may not start such.
 */
export function apart(node: string): readonly string[] | undefined {
  const unshare = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', node];
  const { status } = spawnSync(unshare[0]!, [...unshare.slice(1), '--version'], { stdio: 'ignore' });
  return status === 0 ? unshare : undefined;
}

/** Processes that have loaded everything and wait for a job. */
export class Helpers {
  private readonly command: readonly string[];
  private readonly idle: Helper[] = [];
  private readonly all = new Set<Helper>();

  constructor(command: readonly string[]) {
    this.command = command;
    process.on('exit', () => {
      for (const helper of this.all) helper.kill();
    });
  }

  /** Has so many ready. */
  prepare(count: number): void {
    while (this.idle.length < count) this.idle.push(this.spawn());
  }

  take(): Helper {
    let helper = this.idle.shift();
    while (helper?.ending !== undefined) helper = this.idle.shift();
    return helper ?? this.spawn();
  }

  /** Takes it back, to be used again, unless it is dead; one that hangs is killed. */
  putBack(helper: Helper): void {
    if (helper.hangs) helper.kill();
    else if (helper.ending === undefined) this.idle.push(helper);
  }

  /** All that are left end by themselves. */
  async finish(): Promise<string | undefined> {
    const endings = await Promise.all(this.idle.splice(0).map((helper) => helper.finish()));
    return endings.find((how) => how !== undefined);
  }

  private spawn(): Helper {
    const helper = new Helper(this.command);
    this.all.add(helper);
    helper.ended.then(
      () => this.all.delete(helper),
      (error) => {
        throw error;
      },
    );
    return helper;
  }
}
