/** Which layout a shared buffer holds: a name for people, and a number made from it, which the header stores. */
import { RingError } from './errors.ts';

export interface Kind<Name extends string = string> {
  readonly name: Name;
  /** An int32 made from the name, the same one in every thread and in every copy of this package. */
  readonly number: number;
}

/** Kinds that this thread knows. */
const known = new Map<number, string>();

/** A package name, a dot, and a name within the package, of ASCII characters without spaces. */
const OWNED_NAME = /^[!-~]+\.[!-~]+$/;

/**
 * Defines a kind of shared structure, for `createHandle`, `openHandle` and `expectBytes`. Its name is `PACKAGE.KIND`, such as
 * `'millrace.ticketLog'`, so that no two packages choose the same one; a layout that changes takes a new name. Defining a name
 * again gives the same kind: a package may be loaded twice.
 *
 * Throws `RingError` BAD_OPTION if the name has another form, or the same number as another name that this thread defined.
 */
export function defineKind<Name extends string>(name: Name): Kind<Name> {
  if (typeof name !== 'string' || !OWNED_NAME.test(name)) {
    throw new RingError(
      'BAD_OPTION',
      `the name of a kind is ${String(name)}; give PACKAGE.KIND, of ASCII characters without spaces`,
    );
  }
  return kindOf(name);
}

/** `defineKind` for the kinds of this package, whose names have no dot. */
export function kindOf<Name extends string>(name: Name): Kind<Name> {
  const number = numberOf(name);
  const other = known.get(number);
  if (other !== undefined && other !== name) {
    throw new RingError(
      'BAD_OPTION',
      `the kinds ${name} and ${other} have the same number, ${number}: rename one of them`,
    );
  }
  known.set(number, name);
  return Object.freeze({ name, number });
}

/** FNV-1a of 32 bits (Fowler, Noll, Vo), as an int32. */
function numberOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash | 0;
}

/** What a header's number stands for, in a message. */
export const describeKind = (number: number): string =>
  known.get(number) ?? `${number}, of which this thread knows no name`;

/** Refuses what is no kind: a name alone, for example. */
export function expectKind(kind: Kind): void {
  if (typeof kind?.name !== 'string' || !Number.isInteger(kind.number)) {
    throw new RingError('BAD_OPTION', `the kind is ${String(kind)}; give what defineKind returned`);
  }
}
