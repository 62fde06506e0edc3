import type { Day } from './market.ts';

const OPEN = 0;
const HIGH = 1;
const LOW = 2;
const CLOSE = 3;
const COLUMNS = 4;

/**
 * Open, high, low and close of every day, one row for each sequence, in memory that all threads share.
 * It is filled before the first thread starts and only read afterwards, so plain reads are enough.
 */
export class PriceTable {
  readonly buffer: SharedArrayBuffer;
  readonly days: number;
  private readonly cells: Float64Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.cells = new Float64Array(buffer);
    this.days = this.cells.length / COLUMNS;
  }

  static of(days: readonly Day[]): PriceTable {
    const cells = new Float64Array(new SharedArrayBuffer(days.length * COLUMNS * Float64Array.BYTES_PER_ELEMENT));
    days.forEach(({ open, high, low, close }, row) => {
      cells.set([open, high, low, close], row * COLUMNS);
    });
    return new PriceTable(cells.buffer);
  }

  open(row: number): number {
    return this.cells[row * COLUMNS + OPEN];
  }

  high(row: number): number {
    return this.cells[row * COLUMNS + HIGH];
  }

  low(row: number): number {
    return this.cells[row * COLUMNS + LOW];
  }

  close(row: number): number {
    return this.cells[row * COLUMNS + CLOSE];
  }
}
