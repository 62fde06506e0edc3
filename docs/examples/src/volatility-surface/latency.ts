import { build, type Histogram } from 'hdr-histogram-js';

const HIGHEST_MICROSECONDS = 600_000_000;

/**
 * When each day was published and when its last quote was written, by sequence, in memory that all threads share.
 * One thread stamps the one and one thread the other; they are read when the run is over. A day without quotes is never written.
 */
export class LatencyTable {
  readonly buffer: SharedArrayBuffer;
  private readonly publishedAt: Float64Array;
  private readonly writtenAt: Float64Array;

  constructor(buffer: SharedArrayBuffer) {
    const halfBytes = buffer.byteLength / 2;
    const events = halfBytes / Float64Array.BYTES_PER_ELEMENT;
    this.buffer = buffer;
    this.publishedAt = new Float64Array(buffer, 0, events);
    this.writtenAt = new Float64Array(buffer, halfBytes, events);
  }

  static of(events: number): LatencyTable {
    return new LatencyTable(new SharedArrayBuffer(2 * events * Float64Array.BYTES_PER_ELEMENT));
  }

  published(sequence: number): void {
    this.publishedAt[sequence] = now();
  }

  written(sequence: number): void {
    this.writtenAt[sequence] = now();
  }

  /** Microseconds from published to written, of every day that has quotes. */
  histogram(): Histogram {
    const histogram = build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: HIGHEST_MICROSECONDS,
      numberOfSignificantValueDigits: 3,
    });
    this.writtenAt.forEach((writtenAt, sequence) => {
      if (writtenAt === 0) return;
      const microseconds = Math.round((writtenAt - this.publishedAt[sequence]) * 1000);
      histogram.recordValue(Math.min(HIGHEST_MICROSECONDS, Math.max(1, microseconds)));
    });
    return histogram;
  }
}

/** Milliseconds on a clock that all threads of the process share: `performance.now()` starts at 0 in each of them. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
