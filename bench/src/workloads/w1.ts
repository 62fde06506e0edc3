/**
 * W1: ordered variable output, the main throughput workload. Event = its sequence; half of the events emit no item, 40 % one,
 * 9.9 % eight and 0.1 % ten thousand. All arithmetic is on 32-bit integers (`| 0`, never `>>> 0`: a value that is no small
 * integer makes the same loop several times slower in some isolates).
 *
 * The arithmetic is fixed: every system that is compared computes exactly this, and the checksum decides.
 */
const mix = (x: number): number => {
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return (x ^ (x >>> 16)) | 0;
};

export const hash = (seq: number): number => mix(Math.imul(seq, 0x9e3779b1));

export const interesting = (x: number): boolean => (x & 3) !== 0;

export const work = (x: number, K: number): number => {
  let acc = x;
  for (let i = 0; i < K; i++) acc = mix((acc + i) | 0);
  return acc;
};

export const itemCount = (x: number): number => {
  const m = (x >>> 2) % 1000;
  return m < 500 ? 0 : m < 900 ? 1 : m < 999 ? 8 : 10000;
};

export const item = (acc: number, j: number): number => mix((acc + j) | 0);

export const fold = (checksum: number, seq: number, value: number): number =>
  ((Math.imul(checksum, 31) ^ seq) + value) | 0;

/** What a run must answer: the fold of every item in order (as an unsigned number), and how many there were. */
export interface Answer {
  readonly checksum: number;
  readonly items: number;
}

/** The plain loop: what everything is compared with. */
export function sequential(N: number, K: number): Answer {
  let checksum = 0;
  let items = 0;
  for (let seq = 0; seq < N; seq++) {
    const x = hash(seq);
    if (!interesting(x)) continue;
    const acc = work(x, K);
    const n = itemCount(x);
    for (let j = 0; j < n; j++) checksum = fold(checksum, seq, item(acc, j));
    items += n;
  }
  return { checksum: checksum >>> 0, items };
}

export interface PublishedSetting extends Answer {
  readonly N: number;
  readonly K: number;
}

export const SETTINGS: readonly PublishedSetting[] = [
  { N: 1_000_000, K: 0, items: 8_639_836, checksum: 3164029659 },
  { N: 200_000, K: 500, items: 1_567_228, checksum: 3588529686 },
  { N: 10_000, K: 20_000, items: 88_829, checksum: 395968500 },
];
