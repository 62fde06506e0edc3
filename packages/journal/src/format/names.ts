/**
 * The files of a journal.
 *
 *     journal.json         what this is, and which segment its newest owner has
 *     <generation>.segment the segments: each owner writes its own, and a new one when that is large
 *     .new-<uuid>          a file that is being made: it gets its name when it is whole. A process that was killed may leave one
 */
import { randomUUID } from 'node:crypto';

export const HEADER_FILE = 'journal.json';
const SEGMENT = /^(\d{12})\.segment$/;
const TEMPORARY = '.new-';
/** What a file system puts into its root by itself. */
const IGNORED = new Set(['lost+found', '.DS_Store']);

export const segmentName = (generation: number): string => `${String(generation).padStart(12, '0')}.segment`;
export const temporaryName = (): string => TEMPORARY + randomUUID();
export const isTemporary = (name: string): boolean => name.startsWith(TEMPORARY);

/** The generation of a segment's file; undefined for other files. */
function generationOf(name: string): number | undefined {
  const digits = SEGMENT.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Generations of the segments among these files, the oldest first. */
export const generationsOf = (names: readonly string[]): number[] =>
  names.flatMap((name) => generationOf(name) ?? []).sort((a, b) => a - b);

/** Files that neither this package nor a file system has made. */
export const foreignNames = (names: readonly string[]): string[] =>
  names.filter(
    (name) => name !== HEADER_FILE && generationOf(name) === undefined && !isTemporary(name) && !IGNORED.has(name),
  );
