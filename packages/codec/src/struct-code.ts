import type { FieldCodec, FixedCodec, Memory, View, WritableView } from './codec.ts';
import { CodecError } from './errors.ts';
import { show } from './show.ts';

/** One field, ready for the two implementations of a struct. */
export interface PlacedField {
  readonly name: string;
  /** Bytes from the start of the struct. */
  readonly offset: number;
  readonly codec: FieldCodec<unknown>;
}

/** The part of a struct codec that is either generated or interpreted. */
export interface StructCode {
  readonly write: FixedCodec<object>['write'];
  readonly read: FixedCodec<object>['read'];
  readonly view: (memory: Memory) => View<object>;
  readonly readOnlyView: StructCode['view'];
  /** `scratch`, with room for one slot, is where the object lies while it is parked. */
  readonly writableView: (memory: Memory, scratch: Memory) => WritableView<object>;
}

/** The setter of a field of a read-only view. */
export function refuseAssignment(name: string): never {
  const field = /^[\w$]{1,40}$/.test(name) ? name : show(name);
  throw new CodecError(
    'READ_ONLY',
    `field ${field} cannot be assigned: events and items are read-only, because they are computed or offered again after a ` +
      'failure. Keep the new value in a variable, or copy the fields into an object of your own',
    { field: name },
  );
}

const SPREAD: unique symbol = Symbol('spread') as never;

const spread: PropertyDescriptor = {
  enumerable: true,
  get(): never {
    throw new CodecError(
      'UNREADABLE_VALUE',
      'a view of a struct has no fields of its own, so that `{ ...view }` and `Object.assign` would copy none: copy `view.toJSON()`, ' +
        'or name the fields',
    );
  },
};

/** Who spreads a view is told, and does not get an object without fields. */
export function refuseSpread<T extends object>(view: T): T {
  return Object.defineProperty(view, SPREAD, spread);
}

/** Throws for a value whose fields could not be read: not an object at all, or a getter that threw. */
export function refuseUnreadable(value: unknown, cause: unknown): never {
  if (value === null || value === undefined) {
    throw new CodecError('WRONG_TYPE', `${show(value)} is not an object: a struct needs one with its fields`);
  }
  throw new CodecError('UNREADABLE_VALUE', `reading the fields of ${show(value)} threw: see cause`, { cause });
}

/** Node's console.log and util.inspect call this method; without it a view would print as an empty object. */
export const INSPECT: symbol = Symbol.for('nodejs.util.inspect.custom');
