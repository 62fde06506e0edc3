/**
 * Keys of the store, in the order in which their bytes compare.
 *
 *     0 'p'                          position: how far the journal has come
 *     0 't'                          trimmed: what is below is gone
 *     0 'o'                          owner: who may write
 *     0 'i'                          id: the same as in journal.json
 *     1 sequence:7 first:7           chunk, by its first record; big endian, so a scan of keys is a scan in order
 */
import type { Progress } from './progress.ts';

const META = 0;
const CHUNK = 1;
export const CHUNK_KEY_BYTES = 15;
const FIRST_AT = 8;
const HIGH = 2 ** 32;

const meta = (letter: string): Buffer => Buffer.from([META, letter.charCodeAt(0)]);
export const POSITION_KEY: Buffer = meta('p');
export const TRIMMED_KEY: Buffer = meta('t');
export const OWNER_KEY: Buffer = meta('o');
export const ID_KEY: Buffer = meta('i');

/** Below and above every chunk. */
export const CHUNKS_BEGIN: Buffer = Buffer.from([CHUNK]);
export const CHUNKS_END: Buffer = Buffer.from([CHUNK + 1]);

export function chunkKey({ sequence, items }: Progress, into: Buffer = Buffer.alloc(CHUNK_KEY_BYTES)): Buffer {
  into[0] = CHUNK;
  write56(into, 1, sequence);
  write56(into, FIRST_AT, items);
  return into;
}

export function positionOfKey(key: Uint8Array): Progress {
  return { sequence: read56(key, 1), items: read56(key, FIRST_AT) };
}

function write56(into: Buffer, at: number, value: number): void {
  into.writeUIntBE(Math.floor(value / HIGH), at, 3);
  into.writeUInt32BE(value % HIGH, at + 3);
}

function read56(key: Uint8Array, at: number): number {
  const high = (key[at] << 16) | (key[at + 1] << 8) | key[at + 2];
  const low = ((key[at + 3] << 24) | (key[at + 4] << 16) | (key[at + 5] << 8) | key[at + 6]) >>> 0;
  return high * HIGH + low;
}
