import { describe, expect, it } from 'vitest';
import { fmix32, normalQuantile, Random } from '../../src/volatility-surface/random.ts';

describe('Random', () => {
  it('gives the outputs of the reference xoshiro128**', () => {
    // From xoshiro128starstar.c 1.1 with state {1, 2, 3, 4}; the same vector tests the Rust crate rand_xoshiro.
    const expected = [
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ];
    const random = new Random();
    random.restore(1, 2, 3, 4);
    expect(expected.map(() => random.int32() >>> 0)).toEqual(expected);
  });

  it('repeats the stream of a sequence, and gives every sequence and every seed another one', () => {
    const stream = (seed: number, sequence: number): string => {
      const random = new Random();
      random.seed(seed, sequence);
      return Array.from({ length: 4 }, () => random.int32()).join();
    };
    expect(stream(7, 12)).toBe(stream(7, 12));
    const streams = new Set(
      [7, 8].flatMap((seed) => Array.from({ length: 5000 }, (_, sequence) => stream(seed, sequence))),
    );
    expect(streams.size).toBe(10_000);
  });

  it('stays inside (0, 1), at the ends of its range too', () => {
    const random = new Random();
    random.int32 = () => -(2 ** 31);
    expect(random.uniform()).toBe(2 ** -33);
    random.int32 = () => 2 ** 31 - 1;
    expect(random.uniform()).toBe(1 - 2 ** -33);
  });

  it('has the moments of the normal distribution', () => {
    const draws = 1_000_000;
    const moments = momentsOf(draws, (random) => random.normal());
    // Standard errors of the first four moments at this many draws: 0.001, 0.0014, 0.0039, 0.0098.
    expect(Math.abs(moments[0])).toBeLessThan(0.004);
    expect(Math.abs(moments[1] - 1)).toBeLessThan(0.006);
    expect(Math.abs(moments[2])).toBeLessThan(0.016);
    expect(Math.abs(moments[3] - 3)).toBeLessThan(0.04);
  });

  it('has the moments of the exponential distribution', () => {
    const moments = momentsOf(1_000_000, (random) => random.exponential());
    expect(Math.abs(moments[0] - 1)).toBeLessThan(0.004);
    expect(Math.abs(moments[1] - 2)).toBeLessThan(0.02);
  });
});

describe('fmix32', () => {
  it('is the finaliser of MurmurHash3', () => {
    // MurmurHash3_x86_32 of the empty string is fmix32(seed); published values for seeds 0, 1 and 0xffffffff.
    expect([0, 1, 0xffffffff].map((seed) => fmix32(seed) >>> 0)).toEqual([0, 0x514e28b7, 0x81f16f39]);
  });
});

describe('normalQuantile', () => {
  it('gives the values published with AS 241', () => {
    expect(normalQuantile(0.25)).toBeCloseTo(-0.6744897501960817, 15);
    expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306167814, 14);
    expect(normalQuantile(1e-20)).toBeCloseTo(-9.262340089798409, 14);
  });

  it('mirrors at one half', () => {
    for (const p of [0.01, 0.07, 0.0749, 0.3, 0.5]) expect(normalQuantile(1 - p)).toBeCloseTo(-normalQuantile(p), 12);
  });
});

/** Raw moments 1 to 4. */
function momentsOf(draws: number, draw: (random: Random) => number): number[] {
  const random = new Random();
  random.seed(1, 2);
  const sums = [0, 0, 0, 0];
  for (let i = 0; i < draws; i++) {
    const value = draw(random);
    sums[0] += value;
    sums[1] += value ** 2;
    sums[2] += value ** 3;
    sums[3] += value ** 4;
  }
  return sums.map((sum) => sum / draws);
}
