import type { WriterSpec } from 'millrace';
import { JournalError } from './errors.ts';
import type { JournalWriterData } from './journal-writer.ts';
import { compileOptions, type JournalOptions } from './options.ts';

export interface ToJournalOptions extends JournalOptions {
  /** Milliseconds between two commits under load; an idle flow commits at once. Default: the flow's, and 0 at durability `always`. */
  commitMs?: number;
}

/** A destination that is a writer module, as `.write()` of a pipeline takes it. */
export type JournalSpec = WriterSpec;

let destinations = 0;

/**
 * A durable destination: `.write(toJournal({ dir }))`. Items and the flow's position are committed in one transaction, so a flow that
 * was killed goes on behind the last item of the last commit.
 */
export function toJournal(options: ToJournalOptions): JournalSpec {
  const compiled = compileOptions('toJournal', options, ['commitMs']);
  const { commitMs = compiled.durability === 'always' ? 0 : undefined } = options;
  if (commitMs !== undefined && !(commitMs >= 0 && Number.isFinite(commitMs))) {
    throw new JournalError('BAD_OPTIONS', `toJournal: commitMs is ${String(commitMs)}; give milliseconds from 0 on`);
  }
  const data: JournalWriterData = { options: compiled, commitMs };
  const module = new URL('./journal-writer.js', import.meta.url);
  // Inline flows load it on one thread: each destination has a module of its own there.
  module.search = String(++destinations);
  return { kind: 'writer', module: module.href, data };
}
