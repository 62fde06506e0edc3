/** Reads a journal in every way, and compares it. */
import { type JournalReader, journalPosition, openJournal } from '@millrace/journal';
import { ContentCheck, show } from './content.ts';
import { errorText } from './error-text.ts';
import type { Look, LookJob } from './jobs.ts';
import { type Place, Records } from './records.ts';

/** Whole, from the start on, batch by batch. */
export const lookAtAll = (job: LookJob): Promise<Look> =>
  read(job, (reader) => ({
    where: 'batches',
    start: { sequence: reader.begin(), items: 0 },
    async feed(check) {
      for await (const batch of reader.batches()) check.take(batch);
    },
  }));

/** Item by item, from somewhere on. */
export const lookFrom = (job: LookJob): Promise<Look> =>
  read(job, (reader) => {
    const start = startOf(reader, job.from ?? { sequence: 0, items: 0 });
    return {
      where: `items from ${show(start)} on`,
      start,
      async feed(check) {
        for await (const item of reader.items({ from: start })) check.takeItem(item);
      },
    };
  });

interface Reading {
  readonly where: string;
  readonly start: Place;
  feed(check: ContentCheck): Promise<void>;
}

async function read({ dir, content, writers }: LookJob, readingOf: (reader: JournalReader) => Reading): Promise<Look> {
  return await looking('openJournal', async (at) => {
    const reader = openJournal(dir);
    at('position');
    try {
      const position = reader.position();
      const begin = reader.begin();
      const { where, start, feed } = readingOf(reader);
      const check = new ContentCheck(new Records(content), writers, start);
      at(where);
      await feed(check);
      check.finish(position);
      return { position, begin, items: check.items, runs: check.runs, fault: check.fault };
    } finally {
      await reader.close();
    }
  });
}

const startOf = (reader: JournalReader, from: Place): Place =>
  from.sequence < reader.begin() ? { sequence: reader.begin(), items: 0 } : from;

/** The position alone, which a flow asks for before it starts. */
export async function lookAtPosition({ dir }: LookJob): Promise<Look> {
  return await looking('journalPosition', async () => ({
    position: await journalPosition(dir),
    begin: 0,
    items: 0,
    runs: [],
    fault: undefined,
  }));
}

async function looking(
  first: string,
  look: (at: (where: string) => void) => Promise<Extract<Look, { seen: unknown }>['seen']>,
): Promise<Look> {
  let where = first;
  try {
    const seen = await look((next) => {
      where = next;
    });
    return { seen };
  } catch (error) {
    return { refused: errorText(error), where };
  }
}
