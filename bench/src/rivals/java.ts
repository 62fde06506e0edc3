/** Compiles and runs the Java programs of bench/java against Debian's `libdisruptor-java`. */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SOURCES = fileURLToPath(new URL('../../java/', import.meta.url));
const JAR = process.env.DISRUPTOR_JAR ?? '/usr/share/java/disruptor.jar';

/** Why the Disruptor cannot be measured on this machine, in one line; undefined where it can. */
export function javaUnavailable(): string | undefined {
  if (spawnSync('javac', ['-version']).error) return 'no javac on PATH (Debian: apt-get install default-jdk-headless)';
  if (!existsSync(JAR)) return `no ${JAR} (Debian: apt-get install libdisruptor-java; elsewhere set DISRUPTOR_JAR)`;
  return undefined;
}

/**
 * A Java program which answers each line of input with a line of output, and is stopped by a signal in between: threads of a
 * Disruptor that yield or spin do so all the time, on cores that the other contenders' rounds need.
 */
export class JavaProgram {
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #stderr = '';

  private constructor(folder: string, child: ChildProcess) {
    this.#folder = folder;
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    child.stderr!.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
    child.kill('SIGSTOP');
  }

  static async start(mainClass: string, args: readonly string[]): Promise<JavaProgram> {
    const missing = javaUnavailable();
    if (missing) throw new Error(missing);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'millrace-bench-java-'));
    const sources = readdirSync(SOURCES).filter((file) => file.endsWith('.java'));
    await promisify(execFile)('javac', ['-cp', JAR, '-d', folder, ...sources.map((file) => path.join(SOURCES, file))]);
    return new JavaProgram(folder, spawn('java', ['-cp', `${JAR}${path.delimiter}${folder}`, mainClass, ...args]));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** The numbers of the line with which the program answers `line`. */
  async ask(line: string): Promise<number[]> {
    this.#child.kill('SIGCONT');
    this.#child.stdin!.write(`${line}\n`);
    const { value, done } = await this.#lines.next();
    this.#child.kill('SIGSTOP');
    if (done) throw new Error(`the Java program ended at "${line}": ${this.#stderr}`);
    return value.split(' ').map(Number);
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.stdin!.end();
    this.#child.kill('SIGCONT');
    await exited;
    await rm(this.#folder, { recursive: true });
  }
}
