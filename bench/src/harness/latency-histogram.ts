import { build } from 'hdr-histogram-js';

const HIGHEST_NS = 600e9;
const SIGNIFICANT_DIGITS = 3;

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly 'p99.9': number;
  readonly max: number;
}

/** Percentiles in microseconds, from an HDR histogram which counts nanoseconds. */
export function percentilesOf(latenciesUs: ArrayLike<number>): Percentiles {
  const histogram = build({
    bitBucketSize: 64,
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_NS,
    numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
  });
  for (let i = 0; i < latenciesUs.length; i++) histogram.recordValue(Math.max(1, Math.round(latenciesUs[i] * 1e3)));
  const at = (percentile: number): number => histogram.getValueAtPercentile(percentile) / 1e3;
  return { p50: at(50), p99: at(99), 'p99.9': at(99.9), max: histogram.maxValue / 1e3 };
}
