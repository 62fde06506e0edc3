import type { Words } from './atomics.ts';
import type { Memory } from './machine/memory.ts';
import { Claim, type ClaimOptions, type Owner } from './machine/owners.ts';
import { realOf } from './machine/views.ts';
import { seam } from './seam.ts';

/** In `setup`: gives a word the name by which traces and reports call it. */
export function label(words: Words, index: number, name: string): void {
  const memory = inSetup('label');
  memory.label(wordOf(memory, words, index), name);
}

/**
 * In `setup`: says which thread may write a word, or `count` words from `index` on. A write by any other one, atomic or
 * plain, is a failure of kind `owner`; so is one to a word without an owner in a buffer of which some word has one. What
 * `setup` and `after` write is not judged.
 *
 * An owner is the name of a thread, several names, `[]` for a word that no thread writes, a `claim`, by which words pass
 * from thread to thread, or a rule over the word's value before and after.
 */
export function own(words: Words, index: number, owner: Owner, count = 1): void {
  const memory = inSetup('own');
  memory.owners.own(wordOf(memory, words, index), count, owner);
}

/** In `setup`: a word whose holder owns the words that are given to it by `own(…, claim)`. It is thereby owned itself. */
export function claim(words: Words, index: number, options: ClaimOptions = {}): Claim {
  const memory = inSetup('claim');
  const made = new Claim(wordOf(memory, words, index), options);
  memory.owners.own(made.word, 1, made);
  return made;
}

function inSetup(what: string): Memory {
  if (seam.memory === null || seam.bodies !== null) throw new Error(`${what} is for setup()`);
  return seam.memory;
}

function wordOf(memory: Memory, words: Words, index: number): number {
  const real = realOf(words);
  if (!(Number.isInteger(index) && index >= 0 && index < real.length)) {
    throw new RangeError(`element ${index} of a view of ${real.length}`);
  }
  return memory.region(real.buffer).base + (real.byteOffset >> 2) + index;
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
