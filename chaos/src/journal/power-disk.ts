/**
 * A disk whose power can be cut: an ext4 in a file. A cut is the kernel's own, EXT4_IOC_SHUTDOWN without a flush: the file system
 * takes nothing more, and what was not written out is gone. Mounted again, it is as a disk after a restart of the machine.
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const BYTES: number = 512 * 1024 * 1024;
/** The ioctl of ext4, xfs and f2fs, and its flag for "do not flush". Node has no ioctl, and each Debian has a perl. */
const SHUTDOWN =
  "open(my $dir, '<', $ARGV[0]) or die $!; my $how = pack('L', 2); ioctl($dir, 0x8004587d, $how) or die $!";
const UMOUNT_TRIES = 100;

export class PowerDisk {
  readonly dir: string;
  private readonly parent: string;
  private readonly boot: string;
  private isMounted = false;

  private constructor() {
    this.parent = mkdtempSync(join(tmpdir(), 'millrace-chaos-power-'));
    this.dir = join(this.parent, 'disk');
    this.boot = join(this.parent, 'boot');
    process.on('exit', this.remove);
  }

  /** Where this process may have none, says why. */
  static mount(): PowerDisk | { readonly reason: string } {
    const disk = new PowerDisk();
    try {
      mkdirSync(disk.dir);
      const image = disk.image();
      writeFileSync(image, '');
      truncateSync(image, BYTES);
      run('mkfs.ext4', '-q', '-F', image);
      disk.start();
      run('unshare', '--mount', 'true');
      run('perl', '-e', '1');
      return disk;
    } catch (error) {
      disk.remove();
      return { reason: error instanceof Error ? error.message.trim() : String(error) };
    }
  }

  /** Starts a process in this run of the machine, as the system's boot id tells it. */
  command(node: string): readonly string[] {
    const shell = `mount --bind ${this.boot} /proc/sys/kernel/random/boot_id && exec "$0" "$@"`;
    return ['unshare', '--mount', 'sh', '-c', shell, node];
  }

  cut(): void {
    run('perl', '-e', SHUTDOWN, this.dir);
  }

  /** The machine is there again. Nobody may have a file open. */
  async restart(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        run('umount', this.dir);
        break;
      } catch (error) {
        if (tries === UMOUNT_TRIES) throw error;
        await sleep(20);
      }
    }
    this.isMounted = false;
    this.start();
  }

  /** Arrow function: it is a listener too. */
  readonly remove = (): void => {
    process.off('exit', this.remove);
    if (this.isMounted) run('umount', '-l', this.dir);
    this.isMounted = false;
    rmSync(this.parent, { recursive: true, force: true });
  };

  private image(): string {
    return join(this.parent, 'image');
  }

  private start(): void {
    run('mount', '-o', 'loop', this.image(), this.dir);
    this.isMounted = true;
    writeFileSync(this.boot, `${randomUUID()}\n`);
  }
}

const run = (command: string, ...args: readonly string[]): Buffer => execFileSync(command, args, { stdio: 'pipe' });
