import { open, type RootDatabase } from 'lmdb';
import { Batches } from './batches.ts';
import { Item, type JournalSetting } from './setting.ts';

const KEY_BYTES = 12;
const POSITION = Buffer.from([0]);
/** Keys that one transaction has in use. */
const KEYS = 16_384;

function openPlain(dir: string, durability: JournalSetting['durability']): RootDatabase<Buffer, Buffer> {
  return open<Buffer, Buffer>({
    path: dir,
    noSubdir: false,
    encoding: 'binary',
    keyEncoding: 'binary',
    overlappingSync: false,
    noSync: durability === 'none',
    noMetaSync: durability === 'batch',
  } as Parameters<typeof open<Buffer, Buffer>>[0]);
}

/** The same items, each put under its sequence and index, and the position, in transactions of the same size and durability. */
export async function plainPuts(dir: string, setting: JournalSetting): Promise<number> {
  const database = openPlain(dir, setting.durability);
  const batches = new Batches(setting);
  const keys = Array.from({ length: KEYS }, () => Buffer.alloc(KEY_BYTES));
  const { perSequence } = setting;
  const bytes = Buffer.alloc(batches.moveTo(0, setting.perCommit).bytes().length);
  const items = Array.from({ length: batches.length }, (_, i) => bytes.subarray(i * Item.size, (i + 1) * Item.size));
  const position = Buffer.alloc(8);
  const began = performance.now();
  for (let begin = 0; begin < setting.sequences; begin += setting.perCommit) {
    const end = Math.min(begin + setting.perCommit, setting.sequences);
    database.transactionSync(() => {
      let used = 0;
      for (let sequence = begin; sequence < end; sequence += batches.runs) {
        bytes.set(batches.moveTo(sequence, end).bytes());
        for (let i = 0; i < batches.length; i++) {
          const key = keys[used++ % KEYS];
          key.writeUInt32BE(1, 0);
          key.writeUInt32BE(sequence + Math.floor(i / perSequence), 4);
          key.writeUInt32BE(i % perSequence, 8);
          database.putSync(key, items[i]);
        }
      }
      position.writeDoubleLE(end);
      database.putSync(POSITION, position);
    });
  }
  const ms = performance.now() - began;
  await database.close();
  return ms;
}

export async function plainSum(dir: string): Promise<number> {
  const database = openPlain(dir, 'none');
  let sum = 0;
  for (const { value } of database.getRange({ start: Buffer.from([0, 0, 0, 1]) })) {
    sum += value.readUInt32LE(Item.layout.sequence.offset) + value.readUInt32LE(Item.layout.index.offset);
  }
  await database.close();
  return sum;
}
