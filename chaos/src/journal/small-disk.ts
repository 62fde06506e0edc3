/** A file system of a few MiB in memory, which fills up for real. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class SmallDisk {
  readonly dir: string;
  private isMounted = true;

  private constructor(dir: string) {
    this.dir = dir;
    process.on('exit', this.unmount);
  }

  /** Where this process may mount none, says why. */
  static mount(kib: number): SmallDisk | { readonly reason: string } {
    const dir = mkdtempSync(join(tmpdir(), 'millrace-chaos-disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', dir], { stdio: 'pipe' });
      return new SmallDisk(dir);
    } catch (error) {
      rmdirSync(dir);
      return { reason: error instanceof Error ? error.message.trim() : String(error) };
    }
  }

  resize(kib: number): void {
    execFileSync('mount', ['-o', `remount,size=${kib}k`, this.dir], { stdio: 'pipe' });
  }

  /** Takes what is left, but for so much, by a file of somebody else. */
  fill(leaveKib: number): void {
    const file = join(this.dir, 'other');
    const block = Buffer.alloc(16 * 1024, 1);
    const fd = openSync(file, 'a');
    let written = 0;
    try {
      for (;;) {
        const some = writeSync(fd, block);
        written += some;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(fd);
    }
    if (leaveKib > 0) writeFileSync(file, Buffer.alloc(Math.max(0, written - leaveKib * 1024), 1));
  }

  empty(): void {
    rmSync(join(this.dir, 'other'), { force: true });
  }

  /** Arrow function: it is a listener too. */
  readonly unmount = (): void => {
    if (!this.isMounted) return;
    this.isMounted = false;
    process.off('exit', this.unmount);
    execFileSync('umount', ['-l', this.dir], { stdio: 'pipe' });
    rmdirSync(this.dir);
  };
}
