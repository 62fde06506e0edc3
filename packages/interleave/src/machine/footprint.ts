import { Timeout } from './bodies.ts';
import type { Machine } from './machine.ts';
import { Kind, valueAfter } from './operation.ts';
import { fallsAsleep, Variant } from './variants.ts';
import { Fate, Sleep } from './waiters.ts';

/**
 * What a step touches, for the question whether two steps may be swapped: neither writes what the other one touches.
 * Words and waiter lists are *places*: word `w` is place 2w, the list of sleepers on it is place 2w + 1.
 */
export interface Footprint {
  /** Place × 2, + 1 if the step writes it. */
  readonly touches: number[];
  /** Positions of steps which it depends on beyond that, and which could have come later: a notify, when it might have timed out. */
  readonly after: readonly number[];
  /** Positions of the steps without which it could not have been. */
  readonly enabledBy: readonly number[];
  /** True if it might touch more in another state: a compareExchange that failed, a wait that did not sleep, … */
  readonly conditional: boolean;
}

const NONE: readonly number[] = [];

const reads = (word: number): number => word * 4;
const writes = (word: number): number => word * 4 + 1;
const readsList = (word: number): number => word * 4 + 2;
const writesList = (word: number): number => word * 4 + 3;

export const placeOf = (touch: number): number => touch >> 1;
export const isWrite = (touch: number): boolean => (touch & 1) === 1;
export const readOfWord: (word: number) => number = reads;

export function footprintOf(machine: Machine, thread: number, variant: number): Footprint {
  if (variant === Variant.dies) return ofDeath(machine, thread);
  const operation = machine.next(thread);
  const { kind, word, a, b } = operation;
  switch (kind) {
    case Kind.load:
    case Kind.racyLoad:
      return touching([reads(word)], false);
    case Kind.compareExchange: {
      const succeeds = valueAfter(operation, operation.cells![operation.cell] as number) !== undefined;
      return touching([succeeds ? writes(word) : reads(word)], true);
    }
    case Kind.wait:
    case Kind.waitAsync:
      return touching(fallsAsleep(operation) ? [reads(word), writesList(word)] : [reads(word)], true);
    case Kind.notify:
      return touching([machine.waiters.queue(word).length > 0 && a > 0 ? writesList(word) : readsList(word)], true);
    case Kind.resume:
    case Kind.awake: {
      const id = machine.waiters.idOf(thread, a);
      if (machine.waiters.stateOf(id) === Sleep.queued) return touching([writesList(word)], true);
      const notifier = [machine.waiters.notifierOf(id)];
      const goesOnAnyway =
        machine.waiters.fateOf(id) !== Fate.none || (machine.settings.timeouts && b === Timeout.finite);
      return goesOnAnyway
        ? { touches: [], after: notifier, enabledBy: NONE, conditional: true }
        : { touches: [], after: NONE, enabledBy: notifier, conditional: false };
    }
    case Kind.join: {
      const last = machine.lastStepOf(word);
      return { touches: [], after: NONE, enabledBy: last > 0 ? [last] : NONE, conditional: false };
    }
    case Kind.pause:
      return touching([], false);
    default:
      return touching([writes(word)], false);
  }
}

const touching = (touches: number[], conditional: boolean): Footprint => ({
  touches,
  after: NONE,
  enabledBy: NONE,
  conditional,
});

/** A death takes the thread off the lists on which it waits. */
function ofDeath(machine: Machine, thread: number): Footprint {
  const touches: number[] = [];
  const after: number[] = [];
  for (const id of machine.waiters.openSleeps(thread)) {
    if (machine.waiters.stateOf(id) === Sleep.queued) touches.push(writesList(machine.waiters.wordOf(id)));
    else after.push(machine.waiters.notifierOf(id));
  }
  return { touches, after, enabledBy: NONE, conditional: true };
}

/** True if the order of the two steps matters. */
export function conflict(one: Footprint, other: Footprint): boolean {
  for (const touch of one.touches) {
    for (const against of other.touches) {
      if (placeOf(touch) === placeOf(against) && (isWrite(touch) || isWrite(against))) return true;
    }
  }
  return false;
}
