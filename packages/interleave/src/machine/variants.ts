import { Timeout } from './bodies.ts';
import type { Machine } from './machine.ts';
import { Kind, type Operation } from './operation.ts';
import { Fate } from './waiters.ts';

/**
 * How a step may go, where the thread's operation leaves it open. Every variant is a choice of the thread itself, made at
 * its own step: so no other thread can take it away, which the reduction relies on.
 */
export const Variant = {
  normal: 0,
  /** The thread dies instead of its operation, or in the sleep in which it was to die. */
  dies: 1,
  /** A wait that falls asleep and will never go on. */
  diesAsleep: 2,
  /** A wait that falls asleep and will go on without a notify. */
  spurious: 3,
} as const;

/** Variants from here on number the further choices of a racy load or of a notify. */
const FIRST_CHOICE = 4;

export const choiceOf = (variant: number): number => (variant < FIRST_CHOICE ? 0 : variant - FIRST_CHOICE + 1);

/** The variants of the thread's next step; it must be enabled. */
export function variantsOf(machine: Machine, thread: number): number[] {
  const operation = machine.next(thread);
  const { kind, word, a } = operation;
  if (kind === Kind.resume || kind === Kind.awake) {
    const fate = machine.waiters.fateOf(machine.waiters.idOf(thread, a));
    return [fate === Fate.dies ? Variant.dies : Variant.normal];
  }
  const variants: number[] = [Variant.normal];
  if (kind === Kind.pause) return variants;
  const mayDie = machine.deathsLeft > 0 && machine.settings.mortal[thread];
  if (fallsAsleep(operation)) {
    if (mayDie) variants.push(Variant.diesAsleep);
    if (machine.spuriousLeft > 0) variants.push(Variant.spurious);
  }
  let choices = 1;
  if (kind === Kind.racyLoad)
    choices = machine.values.choices(thread, word, operation.cells![operation.cell] as number).length;
  if (kind === Kind.notify && machine.settings.notifyOrder === 'any') {
    choices = combinations(machine.waiters.queue(word).length, a);
  }
  for (let choice = 1; choice < choices; choice++) variants.push(FIRST_CHOICE + choice - 1);
  if (mayDie) variants.push(Variant.dies);
  return variants;
}

export function fallsAsleep(operation: Operation): boolean {
  const { kind, cells, cell, a, b } = operation;
  return (kind === Kind.wait || kind === Kind.waitAsync) && b !== Timeout.none && cells![cell] === a;
}

function combinations(from: number, take: number): number {
  const least = Math.min(take, from - take);
  let count = 1;
  for (let i = 0; i < least; i++) count = (count * (from - i)) / (i + 1);
  return Math.round(count);
}

/** The sleepers that a notify wakes: the first ones, or the variant's choice among all sets of that size. */
export function chosenSleepers(queue: readonly number[], count: number, variant: number): readonly number[] {
  if (count >= queue.length) return queue;
  const chosen: number[] = [];
  let rank = choiceOf(variant);
  for (let at = 0; chosen.length < count; at++) {
    // Sets with this sleeper come first, those without it after them.
    const withThis = combinations(queue.length - at - 1, count - chosen.length - 1);
    if (rank < withThis) chosen.push(queue[at]);
    else rank -= withThis;
  }
  return chosen;
}
