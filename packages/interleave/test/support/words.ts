import { allocate, viewI32, type Words } from '../../src/atomics.ts';

/** A setup that makes so many words, all 0. */
export const words = (count: number) => (): Words => viewI32(allocate(count * 4));
