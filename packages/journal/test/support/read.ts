import { openJournal, type ReadOptions } from '@millrace/journal';

export async function readAll<Item>(dir: string, options: ReadOptions = {}): Promise<Item[]> {
  const reader = openJournal<Item>(dir);
  try {
    const items: Item[] = [];
    for await (const item of reader.items(options)) items.push(item);
    return items;
  } finally {
    await reader.close();
  }
}

export async function rejectionOf(run: () => unknown): Promise<Error & { code?: string }> {
  try {
    await run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not throw');
}
