/** A durable destination, and a durable log of events, for Millrace flows. See docs/journal.md. */

export { JournalError, type JournalErrorCode } from './errors.ts';
export { type EventJournal, type EventJournalOptions, openEventJournal } from './event-journal.ts';
export type { JournalKind } from './format/header.ts';
export type { JournalOptions } from './options.ts';
export type { Position, Progress } from './progress.ts';
export type { ReadOptions } from './read/read-options.ts';
export { type JournalBatch, type JournalReader, journalPosition, openJournal } from './read/reader.ts';
export type { Durability } from './store/durability.ts';
export { type JournalSpec, type ToJournalOptions, toJournal } from './to-journal.ts';
