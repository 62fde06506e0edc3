/** What `node --trace-gc` prints for each collection of each thread. */
const COLLECTION = /^\[\d+:(0x[0-9a-f]+)(?::\d+)?\]\s+(\d+) ms: (\S+) /;

export interface Collection {
  readonly isolate: string;
  /** Milliseconds since that thread began. */
  readonly atMs: number;
  readonly kind: string;
}

export function collectionsOf(output: string): Collection[] {
  return output.split('\n').flatMap((line) => {
    const match = COLLECTION.exec(line);
    return match ? [{ isolate: match[1], atMs: Number(match[2]), kind: match[3] }] : [];
  });
}

/**
 * Collections that may have been between two moments of the process. A thread's clock starts with the thread, and all threads
 * began before `startedMs`, so a few too many are counted at the edges and never one too few.
 */
export function mayBeBetween(
  collections: readonly Collection[],
  beginMs: number,
  endMs: number,
  startedMs: number,
): Collection[] {
  return collections.filter(({ atMs }) => atMs + startedMs >= beginMs && atMs <= endMs);
}
