import { atomicOperations } from './atomics.ts';
import { codecOperations } from './codecs.ts';
import type { Operation } from './operation.ts';
import { ringOperations } from './rings.ts';

export const operations = (): Operation[] =>
  [...atomicOperations, ...ringOperations, ...codecOperations].map((make) => make());
