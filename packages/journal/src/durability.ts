/**
 * What a commit waits for, and so what may be lost. A killed process never loses a commit, at any level: the operating
 * system has it. What differs is what a power cut (or a crash of the system itself) may take.
 *
 * - `none`: nothing is flushed. A power cut may take everything that the system had not written back by itself, and may leave the
 *   store torn; it is then refused.
 * - `batch`: a commit flushes its data, and not the page that makes it the newest. A power cut may take the last commit,
 *   a few milliseconds under load; the store stays whole.
 * - `always`: a commit is flushed before it counts. A power cut takes nothing that was acknowledged.
 */
export type Durability = 'none' | 'batch' | 'always';

export const DURABILITIES: readonly Durability[] = ['none', 'batch', 'always'];

/** How lmdb is opened for each level. Overlapping sync stays off: it may roll a store back to its last flush after a kill. */
export const SYNC_OPTIONS: { readonly [D in Durability]: { readonly noSync: boolean; readonly noMetaSync: boolean } } =
  {
    none: { noSync: true, noMetaSync: false },
    batch: { noSync: false, noMetaSync: true },
    always: { noSync: false, noMetaSync: false },
  };
