/** A codec of each kind, with items that differ. */
import { bool, bytes, f32, f64, i8, i16, i32, i64, struct, text, u8, u16, u32, u64, value } from '@millrace/codec';
import type { AnyCodec } from './output-lane.ts';

type Row = [name: string, codec: AnyCodec, item: (i: number) => unknown];

/** Codecs that are one typed array's. */
export const NUMBERS: Row[] = [
  ['i8', i8 as never, (i) => (i % 200) - 100],
  ['u8', u8 as never, (i) => i % 256],
  ['i16', i16 as never, (i) => (i % 60_000) - 300],
  ['u16', u16 as never, (i) => (i * 3) % 65_536],
  ['i32', i32 as never, (i) => 7 - (i % 2_000) * 1_000_003],
  ['u32', u32 as never, (i) => 2 ** 32 - 1 - i],
  ['f32', f32 as never, (i) => i / 2],
  ['f64', f64 as never, (i) => i / 3],
  ['i64', i64 as never, (i) => BigInt(i) - 250n],
  ['u64', u64 as never, (i) => 2n ** 63n + BigInt(i)],
];

export const point = struct({ x: f64, n: u32 }) as unknown as AnyCodec;

export const CODECS: Row[] = [
  ...NUMBERS,
  ['bool', bool as never, (i) => i % 3 === 0],
  ['a struct', point, (i) => ({ x: i / 7, n: i })],
  ['a text', struct({ t: text(11) }) as never, (i) => ({ t: `é${i}` })],
  ['value()', value() as never, (i) => ({ i, t: 'x'.repeat(i % 40) })],
  ['bytes', bytes() as never, (i) => new Uint8Array(i % 50).fill(i)],
];
