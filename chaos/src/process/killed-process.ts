import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Job, Moment } from './plan.ts';

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url));
/** A process that says nothing new for so long hangs. */
const HANG_MS = 60_000;

export interface Ending {
  readonly how: 'killed' | 'finished' | 'failed' | 'hung';
  readonly output: string;
}

/** Runs the job in a process of its own, and kills it at the moment that is given, unless it ends before. */
export async function runProcess(job: Job, moment: Moment | undefined): Promise<Ending> {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let heard = performance.now();
  let killAt = Number.POSITIVE_INFINITY;
  let isKilled = false;
  const kill = async (afterMs: number): Promise<void> => {
    if (isKilled) return;
    isKilled = true;
    if (afterMs > 0) await sleep(afterMs);
    child.kill('SIGKILL');
  };
  if (moment?.when === 'starting') void kill(moment.afterMs);
  let rest = '';
  const take = (text: string): void => {
    heard = performance.now();
    output = (output + text).slice(-4_000);
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const [word, number] = line.split(' ');
      if (word === 'from' && moment?.when === 'working') {
        killAt = Number(number) + moment.part * (job.startAt + job.events - Number(number));
      }
      if (word === 'at' && Number(number) >= killAt) void kill((moment as { afterMs: number }).afterMs);
      if (word === 'closing' && moment?.when === 'closing') void kill(moment.afterMs);
    }
  };
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  let hung = false;
  const watch = setInterval(() => {
    if (performance.now() - heard < HANG_MS) return;
    hung = true;
    child.kill('SIGKILL');
  }, 1_000);
  const { code, signal } = await new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  clearInterval(watch);
  if (hung) return { how: 'hung', output };
  if (signal === 'SIGKILL') return { how: 'killed', output };
  return { how: code === 0 && output.endsWith('done\n') ? 'finished' : 'failed', output };
}
