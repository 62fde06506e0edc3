/** What a process is told to do, a line of JSON each, and what it answers. */
import type { DURABILITIES } from '../process/plan.ts';
import type { Run } from './content.ts';
import type { Content, Place } from './records.ts';

export const VIAS = ['events', 'inline', 'threads'] as const;
/** By a journal of events, or by a flow on this thread or on threads of its own. */
export type Via = (typeof VIAS)[number];

export interface Target {
  readonly dir: string;
  readonly via: Via;
  readonly durability: (typeof DURABILITIES)[number];
  readonly content: Content;
  /** Which writer this is: its records say so. */
  readonly writer: number;
}

/** Opens the journal, and appends to it. */
export interface WriteJob extends Target {
  readonly do: 'write';
  /** At most so many more sequences. */
  readonly sequences: number;
  /** Sequences that are under way at once. */
  readonly atOnce: number;
  /** Trims (events only) all but so many, each time that so many more are acknowledged; 0: never. */
  readonly trimEvery: number;
  /** Stays open so long when it has appended all. */
  readonly holdMs: number;
  /** Says at most so often how far it is; 0: each time. */
  readonly sayEveryMs: number;
  /** Waits for a word when it is ready, and then so long. */
  readonly delayUs: number | undefined;
}

/** Reads the journal, all of it and from a place on, and compares it with what has to be there. */
export interface LookJob {
  readonly do: 'look';
  readonly dir: string;
  readonly content: Content;
  readonly writers: readonly number[];
  /** Reads from here as well; where it has been trimmed below it. */
  readonly from: Place | undefined;
}

/** Opens the journal once more in every way, after each byte that was changed. */
export interface ProbeJob {
  readonly do: 'probe';
  readonly look: LookJob;
  /** Appends as well. */
  readonly write: WriteJob | undefined;
}

/** Starts a worker that writes, and terminates it; or, without a moment, lets it come to its end. */
export interface TerminateJob {
  readonly do: 'terminate';
  readonly target: Target;
  /** Writes up to here. */
  readonly end: number;
  readonly atOnce: number;
  readonly moment: TerminateMoment | undefined;
}

/** So long after it was started, or after this part of what was left to do is acknowledged. */
export interface TerminateMoment {
  readonly part: number | undefined;
  readonly afterMs: number;
}

export type Job = WriteJob | LookJob | ProbeJob | TerminateJob;

/** An error, as it is told from one process to another. */
export interface ErrorText {
  /** Of the JournalError that was thrown, or was the cause; undefined: there was none, so it is raw. */
  readonly code: string | undefined;
  readonly message: string;
}

export interface Seen {
  readonly position: Place;
  readonly begin: number;
  readonly items: number;
  readonly runs: readonly Run[];
  readonly fault: string | undefined;
}

/** What a look found, or how it was refused. */
export type Look = { readonly seen: Seen } | { readonly refused: ErrorText; readonly where: string };
