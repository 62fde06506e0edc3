import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('../fixtures/flow-child.mjs', import.meta.url));

export interface FlowChild {
  readonly process: ChildProcess;
  /** Everything it has printed. */
  output(): string;
  /** Resolves when it has printed a line that matches. */
  printed(pattern: RegExp): Promise<void>;
  readonly exited: Promise<number | null>;
}

/** Starts a flow into `dir` in a process of its own. */
export function startFlow(dir: string, codec: string, sequences: number, durability: string, pauseMs = 0): FlowChild {
  const child = spawn(process.execPath, [CHILD, dir, codec, String(sequences), durability, String(pauseMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const looks = new Set<() => void>();
  const look = (): void => {
    for (const one of looks) one();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    look();
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      resolve(code);
      look();
    });
  });
  return {
    process: child,
    output: () => output,
    exited,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (pattern.test(output)) resolve();
          else if (child.exitCode !== null || child.signalCode !== null) reject(new Error(`it ended with: ${output}`));
          else return;
          looks.delete(check);
        };
        looks.add(check);
        check();
      }),
  };
}
