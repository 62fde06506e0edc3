import os from 'node:os';
import { adaptive, park, spin, type WaitStrategy } from 'native-free-rings';

/** The wait strategies of native-free-rings for a pair of threads. */
export const WAITS: Readonly<Record<'park' | 'spin' | 'adaptive', () => WaitStrategy>> = {
  park,
  spin,
  adaptive: () => adaptive({ threads: 2, cores: os.availableParallelism() }),
};
