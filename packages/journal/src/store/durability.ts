/**
 * What a commit waits for, and so what may be lost. A killed process never loses a commit, at any level: the operating
 * system has it. What differs is what a power cut (or a crash of the system itself) may take.
 *
 * - `none`: nothing is flushed before the journal is closed. A power cut may take everything that the system had not written back by
 *   itself, and may leave the journal damaged; it is then refused.
 * - `batch`: a commit is acknowledged when it is written, and flushed at once behind that; the next one waits for the flush. A power cut
 *   may take the last commit; the journal stays whole.
 * - `always`: a commit is flushed before it is acknowledged. A power cut takes nothing that was acknowledged.
 */
export type Durability = 'none' | 'batch' | 'always';

export const DURABILITIES: readonly Durability[] = ['none', 'batch', 'always'];
