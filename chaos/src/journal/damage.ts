/** What is done to one file of a journal. */
import type { Random } from '../random.ts';

/** By name. */
export type Files = ReadonlyMap<string, Buffer>;

export type Damage =
  | { readonly file: string; readonly what: 'bit' | 'byte'; readonly at: number; readonly mask: number }
  | { readonly file: string; readonly what: 'garbage' | 'zeros'; readonly at: number; readonly length: number }
  | { readonly file: string; readonly what: 'cut'; readonly at: number }
  | { readonly file: string; readonly what: 'deleted' };

const BLOCK = 512;

export function drawDamage(files: Files, random: Random): Damage {
  const dice = random.next();
  const file = pickFile(files, random);
  const bytes = files.get(file)!;
  if (dice < 0.03 || bytes.length === 0) return { file, what: 'deleted' };
  if (dice < 0.1) return { file, what: 'cut', at: random.integer(0, bytes.length - 1) };
  const at = pickByte(bytes, random);
  if (dice < 0.2) {
    const block = at - (at % BLOCK);
    return { file, what: random.pick(['garbage', 'zeros']), at: block, length: Math.min(BLOCK, bytes.length - block) };
  }
  if (dice < 0.3) return { file, what: 'byte', at, mask: random.integer(1, 255) };
  return { file, what: 'bit', at, mask: 1 << random.integer(0, 7) };
}

/** Small files as often as large ones, half of the time. */
function pickFile(files: Files, random: Random): string {
  const names = [...files.keys()];
  if (random.chance(0.5)) return random.pick(names);
  let at = random.integer(0, [...files.values()].reduce((sum, { length }) => sum + length, 0) - 1);
  for (const name of names) {
    const { length } = files.get(name)!;
    if (at < length) return name;
    at -= length;
  }
  return names[0]!;
}

/** A byte of a block that is in use: blocks of zeros are as good as not there. The beginning and the end more often. */
function pickByte(bytes: Buffer, random: Random): number {
  const blocks: number[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK) {
    if (bytes.subarray(at, at + BLOCK).some((byte) => byte !== 0)) blocks.push(at);
  }
  if (blocks.length === 0) return random.integer(0, bytes.length - 1);
  const dice = random.next();
  const block = dice < 0.1 ? blocks[0]! : dice < 0.2 ? blocks.at(-1)! : random.pick(blocks);
  return block + random.integer(0, Math.min(BLOCK, bytes.length - block) - 1);
}

/** The files with the damage done. The others stay as they are. */
export function damaged(files: Files, damage: Damage, random: Random): Files {
  const copy = new Map(files);
  if (damage.what === 'deleted') copy.delete(damage.file);
  else copy.set(damage.file, damagedBytes(files.get(damage.file)!, damage, random));
  return copy;
}

function damagedBytes(bytes: Buffer, damage: Exclude<Damage, { what: 'deleted' }>, random: Random): Buffer {
  if (damage.what === 'cut') return bytes.subarray(0, damage.at);
  const copy = Buffer.from(bytes);
  if ('mask' in damage) copy[damage.at]! ^= damage.mask;
  else {
    for (let i = 0; i < damage.length; i++) copy[damage.at + i] = damage.what === 'zeros' ? 0 : random.integer(0, 255);
  }
  return copy;
}
