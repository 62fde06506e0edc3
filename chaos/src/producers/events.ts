/** What producers publish: the number of the producer, and which of its events it is. */
import { f64, struct, u32, value } from 'millrace';

export interface Told {
  readonly producer: number;
  readonly event: number;
}

const UNIT = 2 ** 32;

const Event = struct({ producer: u32, event: u32 });

export const CODECS = {
  numbers: f64,
  struct: Event,
  value: value<{ producer: number; event: number; pad: string }>(),
} as const;

/** An item: what came of an event. */
export const Item = struct({ sequence: f64, producer: u32, event: u32 });

export const numberOf = ({ producer, event }: Told): number => producer * UNIT + event;
export const toldOf = (number: number): Told => ({ producer: Math.floor(number / UNIT), event: number % UNIT });
export const padded = (told: Told) => ({ ...told, pad: '·'.repeat((told.event * 7) % 60) });
