import { f64, struct, u32 } from '@millrace/codec';

export const Item = struct({ sequence: u32, index: u32, price: f64, at: f64 });

export interface JournalSetting {
  /** Items of each sequence. */
  readonly perSequence: number;
  readonly sequences: number;
  /** Sequences between two commits. */
  readonly perCommit: number;
  readonly durability: 'none' | 'batch' | 'always';
}

/** About 8,000 items a commit: what some milliseconds under load give. */
export const SHAPES: Readonly<Record<string, Pick<JournalSetting, 'perSequence' | 'perCommit'>>> = {
  'runs-of-512': { perSequence: 512, perCommit: 16 },
  'one-each': { perSequence: 1, perCommit: 8_192 },
};

export const DURABILITIES = ['none', 'batch', 'always'] as const;

/** What a reader has to find: the sum of all sequences and indexes. */
export function expectedSum({ perSequence, sequences }: JournalSetting): number {
  const indexes = (perSequence * (perSequence - 1)) / 2;
  return perSequence * ((sequences * (sequences - 1)) / 2) + sequences * indexes;
}
