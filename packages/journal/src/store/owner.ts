import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, uptime } from 'node:os';

/** The thread that may write a journal. */
export interface Owner {
  readonly pid: number;
  /** Of Linux; zero elsewhere. */
  readonly tid: number;
  /** When the thread began, in ticks of the system since its boot, so that a number that is given again is not taken for it. */
  readonly began: string;
  readonly boot: string;
  readonly host: string;
}

const BOOT_TOLERANCE_S = 120;

/** The calling thread. */
export function thisThread(): Owner {
  const tid = threadNumber();
  return { pid: process.pid, tid, began: beganAt(process.pid, tid), boot: bootId(), host: hostname() };
}

/** Whether the thread that was the owner can still write. A thread that was terminated cannot, even if its process lives. */
export function isAlive(owner: Owner): boolean {
  if (!isSameBoot(owner.boot, bootId())) return false;
  if (owner.tid > 0) return owner.began !== '' && beganAt(owner.pid, owner.tid) === owner.began;
  if (owner.pid === process.pid) return false;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function threadNumber(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return 0;
  }
}

export const isSameThread = (a: Owner, b: Owner): boolean =>
  a.pid === b.pid && a.tid === b.tid && a.began === b.began && a.boot === b.boot;

/** Empty when there is no such thread. */
function beganAt(pid: number, tid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'utf8');
    // The name of the thread, in parentheses, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state] = fields;
    return state === 'Z' || state === 'X' ? '' : (fields[19] ?? '');
  } catch {
    return '';
  }
}

/** Tells one run of the operating system from the next. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return `at ${Math.round(Date.now() / 1000 - uptime())}`;
  }
}

export function isSameBoot(a: string, b: string): boolean {
  if (a === b) return true;
  if (!a.startsWith('at ') || !b.startsWith('at ')) return false;
  return Math.abs(Number(a.slice(3)) - Number(b.slice(3))) < BOOT_TOLERANCE_S;
}
