import type { Progress } from 'millrace';

/** How far a journal has come: it has everything below `sequence`, and `items` items of it. */
export type { Progress };

/** Where to read from: a sequence, or an item within one. */
export type Position = number | { readonly sequence: number; readonly items?: number };

export const START: Progress = { sequence: 0, items: 0 };

export const isBefore = (a: Progress, b: Progress): boolean =>
  a.sequence < b.sequence || (a.sequence === b.sequence && a.items < b.items);
