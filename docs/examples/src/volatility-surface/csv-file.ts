import { closeSync, openSync, writeSync } from 'node:fs';
import { CSV_HEADER, type Quote, toCsvLine } from './quote.ts';

const BUFFER_BYTES = 256 * 1024;
const LONGEST_LINE_BYTES = 1024;

/**
 * Quotes as CSV, through one buffer that is written out when it is full. The write is synchronous: on a writer's own thread
 * this is back-pressure in its simplest form, because the next batch is taken only when the disk has taken this one.
 */
export class CsvFile {
  private readonly descriptor: number;
  private readonly buffer: Buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  private used = 0;

  constructor(path: string) {
    this.descriptor = openSync(path, 'w');
    this.append(CSV_HEADER);
  }

  write(quote: Quote): void {
    this.append(toCsvLine(quote));
  }

  close(): void {
    this.flush();
    closeSync(this.descriptor);
  }

  private append(line: string): void {
    if (this.used > BUFFER_BYTES - LONGEST_LINE_BYTES) this.flush();
    this.used += this.buffer.write(line, this.used, 'latin1');
  }

  private flush(): void {
    let written = 0;
    while (written < this.used) written += writeSync(this.descriptor, this.buffer, written, this.used - written);
    this.used = 0;
  }
}
