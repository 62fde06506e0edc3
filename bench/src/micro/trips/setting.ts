import type { PairProgram } from '../pair.ts';

/** There and back between two threads, one message at a time. */
export interface TripSetting {
  readonly trips: number;
}

/** Side a asks and notes how long each answer took, in microseconds; side b answers. */
export type TripProgram = PairProgram<TripSetting, Float32Array, undefined>;

/** Times `trips` calls of `trip`, which returns when the answer is there; the answer to trip i is i. */
export function timeTrips(trips: number, trip: (i: number) => number): Float32Array {
  const latenciesUs = new Float32Array(trips);
  for (let i = 0; i < trips; i++) {
    const begin = performance.now();
    const answer = trip(i);
    latenciesUs[i] = (performance.now() - begin) * 1e3;
    if (answer !== i) throw new Error(`trip ${i} was answered with ${answer}`);
  }
  return latenciesUs;
}
