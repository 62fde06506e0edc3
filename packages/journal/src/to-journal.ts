import type { WriterSpec } from 'millrace';
import { JournalError } from './errors.ts';
import type { JournalWriterData } from './journal-writer.ts';
import { compileOptions, type JournalOptions, show } from './options.ts';

export interface ToJournalOptions extends JournalOptions {
  /**
   * Milliseconds from the end of one commit to the next one under load, 0 or more; an idle flow commits at once. Default: the
   * flow's, and 0 at durability `always`.
   */
  commitMs?: number | undefined;
  /** A commit follows the batch with which so many items are written and not committed, from 1 on. Default: no limit. */
  commitItems?: number | undefined;
  /** The same for the bytes of the items. Default: no limit. */
  commitBytes?: number | undefined;
}

/** A destination that is a writer module, as `.write()` of a pipeline takes it. */
export type JournalSpec = WriterSpec;

let destinations = 0;

/**
 * A durable destination: `.write(toJournal({ dir }))`. Items and the flow's position are committed together, so a flow that was
 * killed goes on behind the last item of the last commit.
 */
export function toJournal(options: ToJournalOptions): JournalSpec {
  const compiled = compileOptions('toJournal', options, ['commitMs', 'commitItems', 'commitBytes']);
  const { commitMs = compiled.durability === 'always' ? 0 : undefined, commitItems, commitBytes } = options;
  const faults: string[] = [];
  if (commitMs !== undefined && !(Number.isFinite(commitMs) && commitMs >= 0))
    faults.push(`commitMs is ${show(commitMs)}; give milliseconds from 0 on`);
  for (const [name, value] of Object.entries({ commitItems, commitBytes })) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
      faults.push(`${name} is ${show(value)}; give an integer from 1 on`);
  }
  if (faults.length > 0) throw new JournalError('BAD_OPTIONS', `toJournal: ${faults.join('; ')}`);
  const module = new URL('./journal-writer.js', import.meta.url);
  // Inline flows load it on one thread: each destination has a module of its own there.
  module.search = String(++destinations);
  const data: JournalWriterData = { options: compiled };
  return { kind: 'writer', module: module.href, data, commitMs, commitItems, commitBytes };
}
