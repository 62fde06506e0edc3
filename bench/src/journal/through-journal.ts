import { openJournal, toJournal } from '@millrace/journal';
import { Batches } from './batches.ts';
import { Item, type JournalSetting } from './setting.ts';

interface Writer {
  init(context: { data: unknown; codec: unknown }): Promise<unknown>;
  write(batch: Batches): void | Promise<void>;
  commit(progress: { sequence: number; items: number }): void | Promise<void>;
  close(): void | Promise<void>;
}

/** As a flow's writer thread drives it: batches, and commits between. Opening and closing are not timed. */
export async function throughJournal(dir: string, setting: JournalSetting): Promise<number> {
  const spec = toJournal({ dir, durability: setting.durability });
  const writer = ((await import(spec.module)) as { default: Writer }).default;
  await writer.init({ data: spec.data, codec: Item });
  const batches = new Batches(setting);
  const began = performance.now();
  for (let sequence = 0; sequence < setting.sequences; ) {
    const end = Math.min(sequence + setting.perCommit, setting.sequences);
    for (; sequence < end; sequence += batches.runs) {
      const writing = writer.write(batches.moveTo(sequence, end));
      if (writing !== undefined) await writing;
    }
    await writer.commit({ sequence, items: 0 });
  }
  const ms = performance.now() - began;
  await writer.close();
  return ms;
}

export async function journalSum(dir: string): Promise<number> {
  await using reader = openJournal<{ sequence: number; index: number }>(dir);
  let sum = 0;
  for await (const batch of reader.batches()) for (const item of batch) sum += item.sequence + item.index;
  return sum;
}
