/**
 * Carries errors between threads. `postMessage` keeps an error's message and stack and loses its class, code, cause and own
 * properties; here they arrive, with causes, aggregated errors and errors inside of properties. What cannot be carried is
 * replaced by a text that says what it was. Depth and size end.
 */
import { types } from 'node:util';
import { restoreError } from './error-restore.ts';
import { isDomException, isError } from './thrown.ts';

export interface PackedError {
  readonly kind: 'error';
  /** Names of its class and of those above it, the nearest first. */
  readonly classes: readonly string[];
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Its own enumerable properties. */
  readonly properties: readonly (readonly [key: string, value: Packed])[];
  readonly cause: Packed | undefined;
  /** Of an AggregateError. */
  readonly errors: Packed | undefined;
}
/** Something that `postMessage` gives back as it is, or the text that takes its place. */
export interface PackedValue {
  readonly kind: 'value';
  readonly value: unknown;
}
export interface PackedObject {
  readonly kind: 'object';
  readonly properties: readonly (readonly [key: string, value: Packed])[];
}
export interface PackedList {
  readonly kind: 'array' | 'set';
  readonly items: readonly Packed[];
}
export interface PackedMap {
  readonly kind: 'map';
  readonly entries: readonly (readonly [key: Packed, value: Packed])[];
}
export type Packed = PackedError | PackedValue | PackedObject | PackedList | PackedMap;

const MOST_DEPTH = 16;
const MOST_PARTS = 10_000;
const MOST_CHARACTERS = 100_000;
const MOST_BYTES = 1_000_000;

/** Anything that was thrown, as plain data that `postMessage` takes. Never throws. */
export const packError = (thrown: unknown): Packed => new Packing().pack(thrown);

/** The error again, or whatever else was thrown. */
export const unpackError = (packed: Packed): unknown => restoreError(packed);

const NOTED_APART = new Set<string | symbol>(['name', 'message', 'stack', 'cause']);

/** One error on its way. */
class Packing {
  /** Those that the value in work is inside of. */
  private readonly around: object[] = [];
  private parts = 0;
  private bytes = 0;

  pack(value: unknown): Packed {
    if (this.isFull()) return text('[not carried: too much]');
    this.parts++;
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return this.primitive(value);
    if (this.around.includes(value)) return text('[Circular]');
    if (this.around.length >= MOST_DEPTH) return text('[not carried: too deep]');
    this.around.push(value);
    try {
      return this.object(value);
    } catch (error) {
      return text(`[could not be read: ${messageOf(error)}]`);
    } finally {
      this.around.pop();
    }
  }

  private isFull(): boolean {
    return this.parts >= MOST_PARTS || this.bytes >= MOST_BYTES;
  }

  /** Of so many items as many as there is room for, and how many more there are. */
  private some<T, P>(items: Iterable<T>, size: number, pack: (item: T) => P, rest: (note: PackedValue) => P): P[] {
    const packed: P[] = [];
    for (const item of items) {
      if (this.isFull()) {
        packed.push(rest(text(`[${size - packed.length} more, not carried]`)));
        break;
      }
      packed.push(pack(item));
    }
    return packed;
  }

  private list(items: Iterable<unknown>, size: number): Packed[] {
    return this.some<unknown, Packed>(
      items,
      size,
      (item) => this.pack(item),
      (note) => note,
    );
  }

  private primitive(value: unknown): PackedValue {
    if (typeof value === 'string') return { kind: 'value', value: this.take(value) };
    // A symbol is another one on the other thread.
    return typeof value === 'symbol' ? text(String(value)) : { kind: 'value', value };
  }

  private object(value: object): Packed {
    if (typeof value === 'function') return text(this.take(Function.prototype.toString.call(value)));
    if (isError(value)) return this.error(value);
    if (Array.isArray(value)) return { kind: 'array', items: this.list(value, value.length) };
    if (types.isMap(value)) {
      const pack = ([key, item]: [unknown, unknown]): [Packed, Packed] => [this.pack(key), this.pack(item)];
      return { kind: 'map', entries: this.some(value, value.size, pack, (note) => [text('…'), note]) };
    }
    if (types.isSet(value)) return { kind: 'set', items: this.list(value, value.size) };
    const tag = Object.prototype.toString.call(value);
    if (tag === '[object Object]') return { kind: 'object', properties: this.properties(value, []) };
    return this.clone(value, tag);
  }

  /** A built-in of another kind: a date, bytes, a promise. */
  private clone(value: object, tag: string): Packed {
    const bytes = (value as { byteLength?: number }).byteLength ?? 8;
    if (this.bytes + bytes > MOST_BYTES) return text(`[${tag.slice(8, -1)}, not carried: too large]`);
    this.bytes += bytes;
    try {
      return { kind: 'value', value: structuredClone(value) };
    } catch {
      return text(`[${tag.slice(8, -1)}, not carried]`);
    }
  }

  private error(error: Error): PackedError {
    const isAggregate = Array.isArray(attempt(() => (error as Partial<AggregateError>).errors));
    const apart = isAggregate ? [...NOTED_APART, 'errors'] : NOTED_APART;
    const cause = this.property(error, 'cause');
    return {
      kind: 'error',
      classes: classesOf(error),
      name: this.text(error, 'name') ?? 'Error',
      message: this.text(error, 'message') ?? '',
      stack: this.text(error, 'stack'),
      properties: this.properties(error, apart),
      cause: cause?.kind === 'value' && cause.value === undefined ? undefined : cause,
      errors: isAggregate ? this.property(error, 'errors') : undefined,
    };
  }

  private properties(object: object, apart: Iterable<string | symbol>): [string, Packed][] {
    const without = new Set(apart);
    const keys = Reflect.ownKeys(object).filter(
      (key) => !without.has(key) && Object.getOwnPropertyDescriptor(object, key)?.enumerable === true,
    );
    const pack = (key: string | symbol): [string, Packed] => [String(key), this.property(object, key)];
    return this.some(keys, keys.length, pack, (note) => ['…', note]);
  }

  private property(object: object, key: string | symbol): Packed {
    let value: unknown;
    try {
      value = (object as Record<string | symbol, unknown>)[key];
    } catch (error) {
      return text(`[getter threw: ${messageOf(error)}]`);
    }
    return this.pack(value);
  }

  /** A property as text, unless it is undefined. */
  private text(error: object, key: 'name' | 'message' | 'stack'): string | undefined {
    try {
      const value = (error as Record<string, unknown>)[key];
      return value === undefined ? undefined : this.take(String(value));
    } catch (thrown) {
      return `[could not be read: ${messageOf(thrown)}]`;
    }
  }

  private take(value: string): string {
    this.bytes += Math.min(value.length, MOST_CHARACTERS);
    return value.length <= MOST_CHARACTERS ? value : `${value.slice(0, MOST_CHARACTERS)}… (${value.length} characters)`;
  }
}

const text = (value: string): PackedValue => ({ kind: 'value', value });

function classesOf(error: Error): string[] {
  const names: string[] = [];
  if (isDomException(error)) return ['DOMException', 'Error'];
  let prototype: object | null = Object.getPrototypeOf(error);
  while (prototype !== null && names.length < MOST_DEPTH) {
    const at = prototype;
    const name = attempt(() => Object.getOwnPropertyDescriptor(at, 'constructor')?.value?.name as unknown);
    if (typeof name === 'string' && name !== '') names.push(name.slice(0, 100));
    prototype = Object.getPrototypeOf(prototype);
  }
  return names;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const messageOf = (error: unknown): string =>
  attempt(() => String((error as Error).message).slice(0, 200)) ?? 'it threw';
