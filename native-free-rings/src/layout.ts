/**
 * What every shared layout has in common, those of this package and those of others.
 *
 *   bytes 0…127   header: magic, kind, layout version, total bytes, then the parameters of the kind
 *   bytes 128…    lines of 128 bytes, one for each word that a thread writes often, then the data
 *
 * A line is two cache lines: x86 processors prefetch pairs (the "spatial prefetcher"), so 64 bytes would still share.
 */
import { allocate, viewI32, type Words } from '#atomics';
import { RingError } from './errors.ts';
import { describeKind, expectKind, type Kind } from './kind.ts';

export const LINE_BYTES = 128;
export const LINE_WORDS: number = LINE_BYTES / 4;

/** "NFR1" in little-endian order. */
const MAGIC = 0x3152464e;
const LAYOUT_VERSION = 2;
const MAGIC_WORD = 0;
const KIND_WORD = 1;
const VERSION_WORD = 2;
const BYTES_WORD = 3;
const PARAMETER_WORD = 4;

/** The header has the bytes in an int32. */
const MAX_WORDS: number = 2 ** 29 - 1;

/** Parameters that a header holds at most. */
const MAX_PARAMETERS: number = LINE_WORDS - PARAMETER_WORD;

/** The one plain object that another thread needs to attach; it passes through `postMessage` and `workerData` as it is. */
export interface Handle<Name extends string = string> {
  /** The name of the kind, as `defineKind` was given it: for types and messages. What counts is the header in the buffer. */
  readonly kind: Name;
  readonly buffer: SharedArrayBuffer;
}

/**
 * Allocates a zeroed structure of `bytes` bytes, a multiple of 4 that is at least LINE_BYTES, and writes its header. `parameters`
 * are int32, 28 at most. The words behind the header are laid out by whoever defined the kind. Throws `RingError` BAD_OPTION.
 */
export function createHandle<Name extends string>(
  kind: Kind<Name>,
  bytes: number,
  parameters: readonly number[],
): Handle<Name> {
  expectKind(kind);
  expectInteger('bytes / 4', bytes / 4, LINE_WORDS, MAX_WORDS);
  expectInteger('number of parameters', parameters.length, 0, MAX_PARAMETERS);
  const buffer = allocate(bytes);
  const words = viewI32(buffer);
  words[KIND_WORD] = kind.number;
  words[VERSION_WORD] = LAYOUT_VERSION;
  words[BYTES_WORD] = bytes;
  for (let i = 0; i < parameters.length; i++) words[PARAMETER_WORD + i] = parameters[i]!;
  words[MAGIC_WORD] = MAGIC;
  return { kind: kind.name, buffer };
}

/** Of any realm: what comes by a message is of the receiving thread's first realm, also where this code runs in another. */
const isShared = (buffer: unknown): buffer is SharedArrayBuffer =>
  Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]';

/**
 * The words of a structure, after its header was found to be what `kind` says. Throws `RingError` otherwise: FOREIGN_BUFFER,
 * WRONG_VERSION, WRONG_KIND or WRONG_SIZE. Whoever defined the kind then holds its parameters against the size, by `expectBytes`.
 */
export function openHandle<Name extends string>(kind: Kind<Name>, handle: Handle<Name>): Words {
  expectKind(kind);
  const { name } = kind;
  const buffer: unknown = (handle as Partial<Handle> | null | undefined)?.buffer;
  if (!isShared(buffer)) {
    throw new RingError('FOREIGN_BUFFER', `not a handle of a ${name}: it has no SharedArrayBuffer in \`buffer\``);
  }
  if (buffer.byteLength < LINE_BYTES) {
    throw new RingError('FOREIGN_BUFFER', `${buffer.byteLength} bytes are too few for the header of a ${name}`);
  }
  // Whole words only: a cut buffer may end inside one, and is to be refused by code like any other.
  const words = viewI32(buffer, 0, buffer.byteLength >> 2);
  if (words[MAGIC_WORD] !== MAGIC) {
    throw new RingError('FOREIGN_BUFFER', `the buffer was not made by native-free-rings, or its header is damaged`);
  }
  if (words[VERSION_WORD] !== LAYOUT_VERSION) {
    throw new RingError(
      'WRONG_VERSION',
      `layout version ${words[VERSION_WORD]}, this package reads version ${LAYOUT_VERSION}: ` +
        `use one version of native-free-rings in all threads`,
    );
  }
  if (words[KIND_WORD] !== kind.number) {
    throw new RingError('WRONG_KIND', `the buffer holds kind ${describeKind(words[KIND_WORD]!)}, not ${name}`);
  }
  if (words[BYTES_WORD] !== buffer.byteLength) {
    throw new RingError(
      'WRONG_SIZE',
      `the header says ${words[BYTES_WORD]} bytes and the buffer has ${buffer.byteLength}: it was cut or damaged`,
    );
  }
  return words;
}

/** Parameter `index` of a structure that `openHandle` accepted. */
export const parameter = (words: Words, index: number): number => words[PARAMETER_WORD + index]!;

/** Refuses a header whose parameters do not add up to the size that the buffer has. */
export function expectBytes(kind: Kind, words: Words, bytes: number): void {
  if (words[BYTES_WORD] !== bytes) {
    throw new RingError(
      'WRONG_SIZE',
      `the parameters of this ${kind.name} need ${bytes} bytes, not ${words[BYTES_WORD]}`,
    );
  }
}

/** Smallest power of two that is at least `value`. */
export function ceilPowerOfTwo(value: number): number {
  let power = 1;
  while (power < value) power *= 2;
  return power;
}

/** Checks an option that counts something, and says what is wrong, what the limit is and what to do. */
export function expectInteger(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RingError('BAD_OPTION', `${name} is ${String(value)}; give an integer from ${least} to ${most}`);
  }
}
