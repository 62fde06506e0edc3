/**
 * Looks at a value before it is packed: whether it would come back as it went in, and by which of the two formats.
 * See value.ts for what each format holds.
 */
import { types } from 'node:util';
import { CodecError, type CodecErrorCode } from './errors.ts';
import { show } from './show.ts';

/** Deepest nesting of arrays, objects, maps and sets; far from where the engine's stack ends, even when called from deep code. */
export const MAX_DEPTH = 256;

/** `plain`: a tree of ordinary things, for msgpackr. `rich`: anything else that Node's structured clone gives back. */
export type Form = 'plain' | 'rich';

/** Thrown and caught here: the plain walk has met something that only the rich form holds. */
const NEEDS_RICH = Symbol('needs rich');

/** Throws a CodecError for a value which neither form gives back. Every part takes a byte or more, so `maxBytes` bounds the work. */
export function checkValue(root: unknown, maxBytes: number): Form {
  try {
    visit(root, 0, new PlainWalk(maxBytes));
    return 'plain';
  } catch (error) {
    if (error !== NEEDS_RICH) throw wrap(root, error);
  }
  try {
    visit(root, 0, new RichWalk(maxBytes));
    return 'rich';
  } catch (error) {
    throw wrap(root, error);
  }
}

function wrap(root: unknown, error: unknown): CodecError {
  if (error instanceof CodecError) return error;
  return new CodecError('UNREADABLE_VALUE', `reading ${show(root)} threw: see cause`, { cause: error });
}

/** What differs between the walks: the plain one takes a tree and gives up at the first thing that is none. */
interface Walk {
  /** `keys[d]` leads from the container at depth d to the part that is being visited. */
  readonly keys: unknown[];
  /** Takes `bytes`, the least that a part will need, from what is left of the limit. */
  spend(bytes: number): void;
  /** Called for a part that only the rich form holds. */
  rich(): void;
  /** Whether the parts of this container are still to be visited. */
  enter(container: object, depth: number): boolean;
}

class Budget {
  readonly keys: unknown[] = [];
  readonly #maxBytes: number;
  #left: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#left = maxBytes;
  }

  spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) refuseLarge(this.#maxBytes);
  }
}

class PlainWalk extends Budget implements Walk {
  readonly #ancestors: object[] = [];

  rich(): void {
    throw NEEDS_RICH;
  }

  enter(container: object, depth: number): boolean {
    for (let i = 0; i < depth; i++) if (this.#ancestors[i] === container) throw NEEDS_RICH; // a cycle
    this.#ancestors[depth] = container;
    return true;
  }
}

class RichWalk extends Budget implements Walk {
  readonly #seen = new Set<object>();

  rich(): void {}

  enter(container: object): boolean {
    if (this.#seen.has(container)) return false;
    this.#seen.add(container);
    return true;
  }
}

function visit(value: unknown, depth: number, walk: Walk): void {
  walk.spend(1);
  switch (typeof value) {
    case 'string':
      visitString(value, walk);
      break;
    case 'number':
      if (value === 0 && Object.is(value, -0)) walk.rich();
      break;
    case 'bigint':
      if (BigInt.asIntN(64, value) !== value) walk.rich();
      break;
    case 'object':
      if (value !== null) visitObject(value, depth, walk);
      break;
    case 'function':
    case 'symbol':
      refuse('UNSUPPORTED_VALUE', `${show(value)} cannot be sent: send data, and find the code by a name`, depth, walk);
      break;
    case 'boolean':
    case 'undefined':
      break;
  }
}

function visitString(text: string, walk: Walk): void {
  walk.spend(text.length);
  // Half a surrogate pair has no UTF-8 form; structured clone keeps it.
  if (!(text as string & { isWellFormed(): boolean }).isWellFormed()) walk.rich();
}

function visitObject(value: object, depth: number, walk: Walk): void {
  if (depth >= MAX_DEPTH && !isLeaf(value)) {
    refuse('TOO_DEEP', `nested deeper than ${MAX_DEPTH}: send a flat form, such as a list with indexes`, depth, walk);
  }
  const prototype: object | null = Object.getPrototypeOf(value);
  if (Array.isArray(value)) {
    if (prototype !== Array.prototype && !isForeign(prototype, 2)) refuseInstance(value, depth, walk);
    if (walk.enter(value, depth)) visitArray(value, depth, walk);
  } else if (prototype === Object.prototype || prototype === null || isForeign(prototype, 1)) {
    if (walk.enter(value, depth)) visitProperties(value as { readonly [key: string]: unknown }, depth, walk);
  } else if (prototype === Date.prototype && types.isDate(value)) {
    // A leaf, plain as it is.
  } else if (prototype === Uint8Array.prototype && types.isUint8Array(value)) {
    walk.spend(value.byteLength);
  } else {
    // Also the date and the bytes of another realm, which msgpackr does not know for what they are.
    walk.rich();
    visitRich(value, prototype, depth, walk);
  }
}

/** Array.prototype or Object.prototype of another realm, such as a vm context: `links` from the end of the chain. */
function isForeign(prototype: object | null, links: number): boolean {
  let end = prototype;
  for (let i = 0; i < links && end !== null; i++) end = Object.getPrototypeOf(end);
  return end === null;
}

function isLeaf(value: object): boolean {
  return types.isDate(value) || ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value) || types.isRegExp(value);
}

function visitArray(array: readonly unknown[], depth: number, walk: Walk): void {
  const { length } = array;
  for (let i = 0; i < length; i++) {
    const part = array[i];
    if (part === undefined && !(i in array)) walk.rich(); // a hole
    walk.keys[depth] = i;
    visit(part, depth + 1, walk);
  }
}

function visitProperties(object: { readonly [key: string]: unknown }, depth: number, walk: Walk): void {
  for (const key of Object.keys(object)) {
    if (key === '__proto__') walk.rich(); // msgpackr renames it
    visitString(key, walk);
    walk.keys[depth] = key;
    visit(object[key], depth + 1, walk);
  }
}

/** Everything that has a form in structured clone and is no plain object or array, by the name of its class. */
const RICH: { readonly [name: string]: ((value: unknown) => boolean) | undefined } = {
  __proto__: null as never,
  Date: types.isDate,
  Map: types.isMap,
  Set: types.isSet,
  RegExp: types.isRegExp,
  ArrayBuffer: types.isArrayBuffer,
  DataView: types.isDataView,
  Uint8Array: types.isUint8Array,
  Int8Array: types.isTypedArray,
  Uint8ClampedArray: types.isTypedArray,
  Int16Array: types.isTypedArray,
  Uint16Array: types.isTypedArray,
  Int32Array: types.isTypedArray,
  Uint32Array: types.isTypedArray,
  Float32Array: types.isTypedArray,
  Float64Array: types.isTypedArray,
  BigInt64Array: types.isTypedArray,
  BigUint64Array: types.isTypedArray,
  Error: types.isNativeError,
  EvalError: types.isNativeError,
  RangeError: types.isNativeError,
  ReferenceError: types.isNativeError,
  SyntaxError: types.isNativeError,
  TypeError: types.isNativeError,
  URIError: types.isNativeError,
};

/** The brand of the built-in class, of any realm, whose prototype this is. A subclass would come back as its base, so it has none. */
const brands = new WeakMap<object, (value: unknown) => boolean>([[Buffer.prototype, types.isUint8Array]]);
const never = (): boolean => false;

function brandOf(prototype: object): (value: unknown) => boolean {
  let brand = brands.get(prototype);
  if (brand === undefined) {
    brand = RICH[builtInName(prototype)] ?? never;
    brands.set(prototype, brand);
  }
  return brand;
}

/** The name of the built-in class that has this prototype, or ''. */
function builtInName(prototype: object): string {
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  if (typeof constructor !== 'function' || constructor.prototype !== prototype) return '';
  const source = Function.prototype.toString.call(constructor);
  return /^function (\w+)\(\) \{ \[native code\] \}$/.exec(source)?.[1] ?? '';
}

function visitRich(value: object, prototype: object, depth: number, walk: Walk): void {
  if (!brandOf(prototype)(value)) refuseInstance(value, depth, walk);
  if (ArrayBuffer.isView(value) || types.isArrayBuffer(value)) walk.spend(value.byteLength);
  else if (types.isMap(value)) visitMap(value, depth, walk);
  else if (types.isSet(value)) visitSet(value, depth, walk);
  else if (types.isNativeError(value)) visitError(value, depth, walk);
}

function visitMap(map: ReadonlyMap<unknown, unknown>, depth: number, walk: Walk): void {
  if (!walk.enter(map, depth)) return;
  for (const [key, part] of map) {
    walk.keys[depth] = key;
    visit(key, depth + 1, walk);
    visit(part, depth + 1, walk);
  }
}

function visitSet(set: ReadonlySet<unknown>, depth: number, walk: Walk): void {
  if (!walk.enter(set, depth)) return;
  for (const part of set) {
    walk.keys[depth] = part;
    visit(part, depth + 1, walk);
  }
}

/** Structured clone keeps name, message and stack of an error and drops the rest. */
function visitError(error: Error, depth: number, walk: Walk): void {
  if (Object.keys(error).length === 0 && !Object.hasOwn(error, 'cause')) return;
  refuse(
    'UNSUPPORTED_VALUE',
    `${show(error)} has a cause or properties of its own, which would be lost: send them as data`,
    depth,
    walk,
  );
}

function refuseInstance(value: object, depth: number, walk: Walk): never {
  refuse(
    'UNSUPPORTED_VALUE',
    `${show(value)} would not come back as one: send its data as a plain object`,
    depth,
    walk,
  );
}

function refuseLarge(maxBytes: number): never {
  throw new CodecError(
    'TOO_LARGE',
    `the value takes more than ${maxBytes} bytes: split it, or raise the limit with value({ maxBytes })`,
  );
}

const PATH_SHOWN = 100;

function refuse(code: CodecErrorCode, message: string, depth: number, walk: Walk): never {
  let path = '';
  for (const key of walk.keys.slice(0, depth)) {
    path += typeof key === 'string' && /^[\w$]{1,40}$/.test(key) ? `.${key}` : `[${show(key)}]`;
    if (path.length > PATH_SHOWN) {
      path += '…';
      break;
    }
  }
  throw new CodecError(code, path === '' ? message : `at ${path}: ${message}`, path === '' ? {} : { field: path });
}
