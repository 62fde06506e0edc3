/** An operation that one thread can measure alone. Each is run many times within one timed call, since a clock costs more. */
export interface Operation {
  readonly name: string;
  /** Does it `count` times and returns what it made of it, so that nothing can be left out; the same for the same count. */
  run(count: number): number;
  /** What `run(count)` has to return. */
  expected(count: number): number;
}

/** 0 + 1 + … + (count − 1), as a 32-bit integer. */
export function sumBelow(count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum = (sum + i) | 0;
  return sum;
}
