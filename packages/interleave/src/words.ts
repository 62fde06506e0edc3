import type { Words } from './atomics.ts';
import { realOf } from './machine/views.ts';
import { seam } from './seam.ts';

/** In `setup`: gives a word the name by which traces and reports call it. */
export function label(words: Words, index: number, name: string): void {
  const { memory } = seam;
  if (memory === null) throw new Error('label is for setup()');
  const real = realOf(words);
  memory.label(memory.region(real.buffer).base + (real.byteOffset >> 2) + index, name);
}

/**
 * In a thread body: blocks until another thread of the model has ended, and tells how. It then knows all that the other
 * one did. Stands for what a host learns from a worker's exit event.
 */
export function joinThread(name: string): 'finished' | 'died' {
  const { bodies } = seam;
  if (bodies === null) throw new Error('joinThread is for thread bodies');
  return bodies.join(name) as 'finished' | 'died';
}
