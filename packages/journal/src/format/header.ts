/**
 * `journal.json`: what a folder is, and which segment its newest owner has. It is written whole under another name and then
 * renamed, so it is never there in part.
 */
import { crc32 } from 'node:zlib';
import { codecFromSchema, describeSchema, type Schema, sameSchema } from '@millrace/codec';
import { JournalError } from '../errors.ts';

export const FORMAT = 'millrace-journal';
export const FORMAT_VERSION = 3;
/** Its chunks are read, and an owner goes on behind them. */
const OLDEST_VERSION = 2;

/** `items`: what a flow delivered. `events`: what is to be published. */
export type JournalKind = 'items' | 'events';

export interface JournalHeader {
  readonly format: typeof FORMAT;
  readonly version: number;
  readonly kind: JournalKind;
  readonly schema: Schema;
  readonly id: string;
  /** The segment of the newest owner; 0 before the first. */
  readonly generation: number;
  /** The segment in which that owner found the end of the journal; 0 for none. */
  readonly previous: number;
}

/** The text of the file. */
export function encodeHeader(header: JournalHeader): string {
  return `${JSON.stringify({ ...header, checksum: checksumOf(header) }, undefined, 2)}\n`;
}

const checksumOf = (header: object): string => crc32(JSON.stringify(header)).toString(16).padStart(8, '0');

export const RESTORE = 'restore the folder from a copy, or move it away and start a new journal';

/** The header that stands in the text. `path` is for what is said of another one. */
export function decodeHeader(text: string, path: string): JournalHeader {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new JournalError('TORN_STORE', `${path} is cut off or damaged: ${RESTORE}`, { cause });
  }
  const { checksum, ...header } = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Partial<
    Record<keyof JournalHeader | 'checksum', unknown>
  >;
  if (checksum !== undefined && checksum !== checksumOf(header)) {
    throw new JournalError('TORN_STORE', `${path} does not match its checksum: ${RESTORE}`);
  }
  if (header.format !== FORMAT) {
    throw new JournalError('FOREIGN_STORE', `${path} is not the header of a journal: give another folder`);
  }
  expectVersion(header.version, path);
  if (checksum === undefined) throw new JournalError('TORN_STORE', `${path} has no checksum: ${RESTORE}`);
  if (header.kind !== 'items' && header.kind !== 'events') {
    throw new JournalError('TORN_STORE', `${path} is damaged: ${RESTORE}`);
  }
  try {
    codecFromSchema(header.schema as Schema);
  } catch (cause) {
    throw new JournalError('TORN_STORE', `${path} has a schema that is none: ${RESTORE}`, { cause });
  }
  return header as unknown as JournalHeader;
}

/** Refuses a schema that could not be read again. */
export function expectSchema(dir: string, schema: Schema): void {
  try {
    codecFromSchema(schema);
  } catch (cause) {
    throw new JournalError(
      'BAD_OPTIONS',
      `the journal ${dir} needs a codec of @millrace/codec, to be read again: see the cause`,
      {
        cause,
      },
    );
  }
}

function expectVersion(version: unknown, path: string): void {
  if (version === FORMAT_VERSION || version === OLDEST_VERSION) return;
  if (version === 1) {
    throw new JournalError(
      'OLDER_STORE',
      `${path} is of format version 1, which was kept by lmdb, and this version of @millrace/journal reads ${OLDEST_VERSION} and ${FORMAT_VERSION}: ` +
        'read it with the version that wrote it, or start a new journal in another folder',
    );
  }
  if (Number.isSafeInteger(version) && (version as number) > FORMAT_VERSION) {
    throw new JournalError(
      'NEWER_STORE',
      `${path} is of format version ${version}, and this version of @millrace/journal reads up to ${FORMAT_VERSION}: upgrade it`,
    );
  }
  throw new JournalError('TORN_STORE', `${path} is of format version ${String(version)}, which never was: ${RESTORE}`);
}

/** Refuses a journal that is not the one which is meant. */
export function expectHeader(dir: string, header: JournalHeader, kind: JournalKind, schema: Schema): void {
  if (header.kind !== kind) {
    const [has, wanted] = header.kind === 'items' ? ['items', 'events'] : ['events', 'items'];
    throw new JournalError(
      'FOREIGN_STORE',
      `${dir} is a journal of ${has}, not of ${wanted}: give each a folder of its own`,
    );
  }
  if (!sameSchema(header.schema, schema)) {
    throw new JournalError(
      'SCHEMA_MISMATCH',
      `${dir} holds ${describeSchema(header.schema)}, and ${describeSchema(schema)} is to be written: ` +
        'use the codec that it was made with, or a new folder',
    );
  }
}
