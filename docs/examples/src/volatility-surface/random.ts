/**
 * Random numbers that depend only on (seed, sequence), so that an event gives the same prices on every thread.
 *
 * Generator: xoshiro128** 1.1 (D. Blackman and S. Vigna, https://prng.di.unimi.it/xoshiro128starstar.c).
 * All of it is signed 32-bit arithmetic: `x >>> 0` would leave V8's small integers and run several times slower.
 */
export class Random {
  private a = 1;
  private b = 0;
  private c = 0;
  private d = 0;

  /**
   * Starts the stream of one sequence. The four words of state are the MurmurHash3 finaliser of four successive counters.
   * It is a bijection, so the words differ, they are never all zero, and no two sequences below 2^30 share a state.
   */
  seed(seed: number, sequence: number): void {
    const counter = Math.imul(seed, 0x9e3779b9) + Math.imul(sequence, 4);
    this.restore(fmix32(counter), fmix32(counter + 1), fmix32(counter + 2), fmix32(counter + 3));
  }

  restore(a: number, b: number, c: number, d: number): void {
    this.a = a | 0;
    this.b = b | 0;
    this.c = c | 0;
    this.d = d | 0;
  }

  /** The next 32 bits, as a signed integer. */
  int32(): number {
    const b = this.b;
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const c = this.c ^ this.a;
    const d = this.d ^ b;
    this.b = b ^ c;
    this.a = this.a ^ d;
    this.c = c ^ (b << 9);
    this.d = (d << 11) | (d >>> 21);
    return result;
  }

  /** Uniform in the open interval (0, 1), in steps of 2^-32. */
  uniform(): number {
    return this.int32() * 2 ** -32 + (0.5 + 2 ** -33);
  }

  /** Exponentially distributed with mean 1: the waiting time for the next jump of a unit Poisson process. */
  exponential(): number {
    return -Math.log(this.uniform());
  }

  /** Standard normal, by inversion: one uniform each, which keeps antithetic pairs exact mirror images. */
  normal(): number {
    return normalQuantile(this.uniform());
  }
}

/** The finaliser of MurmurHash3 (A. Appleby): a bijection of the 32-bit integers in which every bit affects every other. */
export function fmix32(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Inverse of the standard normal distribution function. M. J. Wichura, algorithm AS 241 (PPND16), Applied Statistics 37 (1988). */
export function normalQuantile(probability: number): number {
  const q = probability - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    // biome-ignore format: two polynomials in Horner form
    return q *
      (((((((2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r + 6.7265770927008700853e4) * r + 4.5921953931549871457e4) * r +
        1.3731693765509461125e4) * r + 1.9715909503065514427e3) * r + 1.3314166789178437745e2) * r + 3.387132872796366608) /
      (((((((5.226495278852854561e3 * r + 2.8729085735721942674e4) * r + 3.930789580009271061e4) * r + 2.1213794301586595867e4) * r +
        5.3941960214247511077e3) * r + 6.871870074920579083e2) * r + 4.2313330701600911252e1) * r + 1);
  }
  const magnitude = tailQuantile(Math.sqrt(-Math.log(q < 0 ? probability : 1 - probability)));
  return q < 0 ? -magnitude : magnitude;
}

/** AS 241 outside the central 85 %: `r` is the root of minus the logarithm of the tail's probability. */
function tailQuantile(r: number): number {
  if (r <= 5) {
    const s = r - 1.6;
    // biome-ignore format: two polynomials in Horner form
    return (
      (((((((7.7454501427834140764e-4 * s + 2.27238449892691845833e-2) * s + 2.4178072517745061177e-1) * s + 1.27045825245236838258) * s +
        3.64784832476320460504) * s + 5.7694972214606914055) * s + 4.6303378461565452959) * s + 1.42343711074968357734) /
      (((((((1.05075007164441684324e-9 * s + 5.475938084995344946e-4) * s + 1.51986665636164571966e-2) * s + 1.4810397642748007459e-1) * s +
        6.8976733498510000455e-1) * s + 1.6763848301838038494) * s + 2.05319162663775882187) * s + 1)
    );
  }
  const s = r - 5;
  // biome-ignore format: two polynomials in Horner form
  return (
    (((((((2.01033439929228813265e-7 * s + 2.71155556874348757815e-5) * s + 1.2426609473880784386e-3) * s + 2.6532189526576123093e-2) * s +
      2.9656057182850489123e-1) * s + 1.7848265399172913358) * s + 5.4637849111641143699) * s + 6.6579046435011037772) /
    (((((((2.04426310338993978564e-15 * s + 1.4215117583164458887e-7) * s + 1.8463183175100546818e-5) * s + 7.868691311456132591e-4) * s +
      1.48753612908506148525e-2) * s + 1.3692988092273580531e-1) * s + 5.9983220655588793769e-1) * s + 1)
  );
}
