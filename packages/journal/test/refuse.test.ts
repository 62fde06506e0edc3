import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openJournal, toJournal } from '@millrace/journal';
import { describe, expect, it } from 'vitest';
import { CODECS, loadWriter, oracle, runFlow } from './fixtures/flow.mjs';
import { newFolder } from './support/folder.ts';
import { readAll, rejectionOf } from './support/read.ts';

const SEQUENCES = 300;

async function newJournal(): Promise<string> {
  const dir = newFolder();
  await runFlow({ spec: toJournal({ dir }), codec: 'struct', sequences: SEQUENCES });
  return dir;
}

function contents(dir: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(dir)
      .filter((name) => name !== 'lock.mdb')
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(dir, name)))
          .digest('hex'),
      ]),
  );
}

async function write(dir: string): Promise<void> {
  const spec = toJournal({ dir });
  const writer = await loadWriter(spec);
  await writer.init({ data: spec.data, codec: CODECS.struct });
  writer.close();
}

const header = (dir: string): string => join(dir, 'journal.json');
const data = (dir: string): string => join(dir, 'data.mdb');
const edit = (dir: string, change: object): void =>
  writeFileSync(header(dir), JSON.stringify({ ...JSON.parse(readFileSync(header(dir), 'utf8')), ...change }));
const patch = (path: string, at: number, byte: number): void => {
  const bytes = readFileSync(path);
  bytes[at] = byte;
  writeFileSync(path, bytes);
};

/** What was done to a whole journal, the code that it is refused with, and what the message says. */
const DAMAGES: readonly (readonly [string, (dir: string) => void, string, RegExp])[] = [
  ['data cut to nothing', (dir) => truncateSync(data(dir), 0), 'TORN_STORE', /data\.mdb.*restore/],
  ['data cut inside its first page', (dir) => truncateSync(data(dir), 100), 'TORN_STORE', /data\.mdb.*restore/],
  ['data cut behind its meta pages', (dir) => truncateSync(data(dir), 8192), 'TORN_STORE', /cut off.*restore/],
  ['data cut by a page of what is used', (dir) => truncateSync(data(dir), usedBytes(dir) - 1), 'TORN_STORE', /cut off/],
  ['data missing', (dir) => rmSync(data(dir)), 'TORN_STORE', /missing/],
  [
    'data overwritten with text',
    (dir) => writeFileSync(data(dir), 'hello '.repeat(5000)),
    'TORN_STORE',
    /does not begin/,
  ],
  ['data of a newer lmdb', (dir) => patch(data(dir), 0x1c, 9), 'NEWER_STORE', /data version 9/],
  ['header cut off', (dir) => truncateSync(header(dir), 20), 'TORN_STORE', /journal\.json is cut off/],
  ['header empty', (dir) => truncateSync(header(dir), 0), 'TORN_STORE', /journal\.json is cut off/],
  ['header missing', (dir) => rmSync(header(dir)), 'FOREIGN_STORE', /no journal\.json/],
  ['header of something else', (dir) => writeFileSync(header(dir), '{"name":"x"}'), 'FOREIGN_STORE', /not the header/],
  ['header of a newer format', (dir) => edit(dir, { version: 2 }), 'NEWER_STORE', /format version 2.*upgrade/],
  ['header without a kind', (dir) => edit(dir, { kind: 'cake' }), 'TORN_STORE', /damaged/],
  [
    'header with a broken schema',
    (dir) => edit(dir, { schema: { type: 'u128' } }),
    'TORN_STORE',
    /schema that is none/,
  ],
  [
    'left open at "none" by a machine that went down',
    (dir) => writeFileSync(join(dir, 'unsynced'), 'another-boot'),
    'TORN_STORE',
    /durability "none"/,
  ],
];

/** As lmdb's newer meta page says. */
function usedBytes(dir: string): number {
  const bytes = readFileSync(data(dir));
  const pages = [0x18, 0x1018].map((at) => ({
    last: Number(bytes.readBigUInt64LE(at + 120)),
    transaction: bytes.readBigUInt64LE(at + 128),
  }));
  const newest = pages[0].transaction > pages[1].transaction ? pages[0] : pages[1];
  return (newest.last + 1) * 4096;
}

describe('a journal is refused, and not touched, with its', () => {
  it.each(DAMAGES)('%s', async (_, damage, code, message) => {
    const dir = await newJournal();
    damage(dir);
    const before = contents(dir);
    for (const open of [() => openJournal(dir), () => write(dir)]) {
      const error = await rejectionOf(open);
      expect(error).toMatchObject({ name: 'JournalError', code });
      expect(error.message).toMatch(message);
      expect(error.message).toContain(dir);
      expect(contents(dir)).toEqual(before);
    }
  });

  it('data of another journal', async () => {
    const [dir, other] = [await newJournal(), await newJournal()];
    cpSync(data(other), data(dir));
    expect(await rejectionOf(() => write(dir))).toMatchObject({ code: 'TORN_STORE' });
  });
});

it('a folder of other files is refused and left alone', async () => {
  const dir = newFolder();
  mkdirSync(dir);
  writeFileSync(join(dir, 'thesis.txt'), 'all I have');
  for (const open of [() => openJournal(dir), () => write(dir)]) {
    expect(await rejectionOf(open)).toMatchObject({
      code: 'FOREIGN_STORE',
      message: expect.stringContaining('thesis.txt'),
    });
  }
  expect(readdirSync(dir)).toEqual(['thesis.txt']);
});

it('a file is refused', async () => {
  const dir = newFolder();
  writeFileSync(dir, 'x');
  expect(await rejectionOf(() => write(dir))).toMatchObject({ code: 'FOREIGN_STORE' });
  expect(readFileSync(dir, 'utf8')).toBe('x');
});

it('a journal of events is no destination for items', async () => {
  const dir = await newJournal();
  edit(dir, { kind: 'events' });
  expect(await rejectionOf(() => write(dir))).toMatchObject({ code: 'FOREIGN_STORE' });
});

it('what an interrupted start left is made anew', async () => {
  const dir = newFolder();
  mkdirSync(dir);
  writeFileSync(join(dir, 'creating'), '');
  writeFileSync(data(dir), 'half');
  await runFlow({ spec: toJournal({ dir }), codec: 'struct', sequences: 10 });
  expect(await readAll(dir)).toEqual(oracle(10));
});

it('a flipped bit in an item is found by the reader, not handed on', async () => {
  const dir = await newJournal();
  const bytes = readFileSync(data(dir));
  // In the payload of the newest chunks; the tree itself stays whole.
  const marks = oracle(SEQUENCES)
    .filter(({ sequence }) => sequence > 100)
    .map(({ mark }) => mark);
  const needle = Buffer.alloc(4);
  needle.writeUInt32LE(marks[5]);
  let flipped = 0;
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1), flipped++) bytes[at] ^= 1;
  expect(flipped).toBeGreaterThan(0);
  writeFileSync(data(dir), bytes);
  expect(await rejectionOf(() => readAll(dir))).toMatchObject({
    code: 'TORN_STORE',
    message: expect.stringContaining('checksum'),
  });
});

it('a whole journal is longer than what its pages need, so that a shorter one is known', async () => {
  const dir = await newJournal();
  expect(statSync(data(dir)).size).toBeGreaterThanOrEqual(usedBytes(dir));
});
