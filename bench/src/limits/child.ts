import { readFileSync } from 'node:fs';

/** Resident memory of this process, all threads together. */
export function rssMiB(): number {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (kib === undefined) throw new Error('/proc/self/status has no VmRSS: this suite needs Linux');
  return Number(kib) / 1024;
}

/** Prints a child's figures for the suite, which reads the last line. */
export function tell(figures: Record<string, number>): void {
  console.log(JSON.stringify(figures));
}
