import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openJournal } from '@millrace/journal';
import { type Oracle, Transcript } from '../transcript.ts';
import type { Job } from './plan.ts';

/** Compares the journal, as far as it says it goes, with the oracle. Returns what is wrong, and whether it is complete. */
export async function checkJournal(
  job: Job,
  oracle: Oracle,
): Promise<{ readonly wrong: string | undefined; readonly isWhole: boolean }> {
  // Killed before it was made: nothing is lost.
  if (!existsSync(join(job.dir, 'journal.json'))) return { wrong: undefined, isWhole: false };
  const reader = openJournal(job.dir);
  try {
    const position = reader.position();
    const got = new Transcript(job.items);
    for await (const batch of reader.batches()) for (let i = 0; i < batch.length; i++) got.append(batch.at(i));
    const from = Math.max(position.sequence, job.startAt);
    const wanted = oracle.below(from, position.sequence < job.startAt ? 0 : position.items);
    const isWhole = position.sequence === job.startAt + job.events;
    let wrong = oracle.difference(got.view(), wanted.bytes);
    if (wrong === undefined && got.items !== wanted.items) wrong = `${got.items} items in place of ${wanted.items}`;
    return { wrong: wrong && `at position ${JSON.stringify(position)}: ${wrong}`, isWhole };
  } finally {
    await reader.close();
  }
}
