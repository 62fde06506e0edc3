import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { u32, value } from '@millrace/codec';
import { journalPosition, openEventJournal, openJournal, toJournal } from '@millrace/journal';
import { describe, expect, it } from 'vitest';
import { encodeHeader } from '../src/format/header.ts';
import { CODECS, loadWriter, oracle, runFlow } from './fixtures/flow.mjs';
import { newFolder } from './support/folder.ts';
import { readAll, rejectionOf } from './support/read.ts';

const SEQUENCES = 300;

async function newJournal(): Promise<string> {
  const dir = newFolder();
  for (const sequences of [SEQUENCES / 2, SEQUENCES])
    await runFlow({ spec: toJournal({ dir }), codec: 'struct', sequences });
  return dir;
}

function contents(dir: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(dir).map((name) => [
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
  await writer.close();
}

const header = (dir: string): string => join(dir, 'journal.json');
const segment = (dir: string, generation = 1): string => join(dir, `${String(generation).padStart(12, '0')}.segment`);
/** With a checksum that is right. */
function edit(dir: string, change: object): void {
  const { checksum: _, ...before } = JSON.parse(readFileSync(header(dir), 'utf8'));
  writeFileSync(header(dir), encodeHeader({ ...before, ...change }));
}
function patch(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] ^= 0x40;
  writeFileSync(path, bytes);
}

/** What was done to a whole journal of two segments, the code that it is refused with, and what the message says. */
const DAMAGES: readonly (readonly [string, (dir: string) => void, string, RegExp])[] = [
  [
    'segment cut to nothing',
    (dir) => truncateSync(segment(dir), 0),
    'TORN_STORE',
    /000001\.segment does not begin.*restore/,
  ],
  [
    'segment cut inside its page',
    (dir) => truncateSync(segment(dir), 100),
    'TORN_STORE',
    /000001\.segment does not begin/,
  ],
  ['older segment cut off', (dir) => truncateSync(segment(dir), 4_200), 'TORN_STORE', /segment 1 is cut off.*4200 of/],
  ['newest segment cut off', (dir) => truncateSync(segment(dir, 2), 4_200), 'TORN_STORE', /000002\.segment is cut off/],
  ['older segment missing', (dir) => rmSync(segment(dir)), 'TORN_STORE', /segment 1 is missing/],
  ['newest segment missing', (dir) => rmSync(segment(dir, 2)), 'TORN_STORE', /segment 2 is missing/],
  ['segment overwritten with text', (dir) => writeFileSync(segment(dir), 'hello '.repeat(5000)), 'TORN_STORE', /begin/],
  ['page damaged', (dir) => patch(segment(dir), 40), 'TORN_STORE', /does not begin like a segment/],
  ['mark damaged', (dir) => patch(segment(dir, 2), 2_060), 'TORN_STORE', /mark that does not match its checksum/],
  ['segment in the place of another', (dir) => cpSync(segment(dir), segment(dir, 2)), 'TORN_STORE', /does not begin/],
  ['header cut off', (dir) => truncateSync(header(dir), 20), 'TORN_STORE', /journal\.json is cut off/],
  ['header empty', (dir) => truncateSync(header(dir), 0), 'TORN_STORE', /journal\.json is cut off/],
  ['header missing', (dir) => rmSync(header(dir)), 'TORN_STORE', /journal\.json is missing/],
  ['header damaged', (dir) => patch(header(dir), 60), 'TORN_STORE', /journal\.json/],
  ['header of something else', (dir) => writeFileSync(header(dir), '{"name":"x"}'), 'FOREIGN_STORE', /not the header/],
  ['header of a newer format', (dir) => edit(dir, { version: 4 }), 'NEWER_STORE', /format version 4.*upgrade/],
  ['header of version 0', (dir) => edit(dir, { version: 0 }), 'TORN_STORE', /version 0, which never was/],
  ['header of version -1.5', (dir) => edit(dir, { version: -1.5 }), 'TORN_STORE', /version -1.5, which never was/],
  ['header without a kind', (dir) => edit(dir, { kind: 'cake' }), 'TORN_STORE', /damaged/],
  [
    'header with a broken schema',
    (dir) => edit(dir, { schema: { type: 'u128' } }),
    'TORN_STORE',
    /schema that is none/,
  ],
];

describe('a journal is refused, and not touched, with its', () => {
  it.each(DAMAGES)('%s', async (_, damage, code, message) => {
    const dir = await newJournal();
    damage(dir);
    const before = contents(dir);
    for (const open of [() => openJournal(dir), () => journalPosition(dir), () => write(dir)]) {
      const error = await rejectionOf(open);
      expect(error).toMatchObject({ name: 'JournalError', code });
      expect(error.message).toMatch(message);
      expect(error.message).toContain(dir);
      expect(contents(dir)).toEqual(before);
    }
  });

  it('segment of another journal', async () => {
    const [dir, other] = [await newJournal(), await newJournal()];
    cpSync(segment(other), segment(dir));
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
  writeFileSync(join(dir, '.new-1b0b31b2-8a4f-4b5e-9d0c-55d6b54c0e3d'), 'half');
  await runFlow({ spec: toJournal({ dir }), codec: 'struct', sequences: 10 });
  expect(await readAll(dir)).toEqual(oracle(10));
  expect(readdirSync(dir).sort()).toEqual(['000000000001.segment', 'journal.json']);
});

it('what a killed process wrote and did not commit is left out', async () => {
  const dir = await newJournal();
  appendFileSync(segment(dir, 2), 'half a chunk');
  expect(await readAll(dir)).toEqual(oracle(SEQUENCES));
  await runFlow({ spec: toJournal({ dir }), codec: 'struct', sequences: SEQUENCES + 10 });
  expect(await readAll(dir)).toEqual(oracle(SEQUENCES + 10));
});

it('a flipped bit in any chunk is found by the reader, not handed on', async () => {
  const dir = await newJournal();
  const all = oracle(SEQUENCES);
  for (const generation of [1, 2]) {
    const { size } = statSync(segment(dir, generation));
    for (let at = 4_096; at < size; at += 397) {
      patch(segment(dir, generation), at);
      const got: unknown[] = [];
      const error = await rejectionOf(async () => {
        for await (const item of openJournal(dir).items()) got.push(item);
      });
      expect(JSON.stringify(got)).toBe(JSON.stringify(all.slice(0, got.length)));
      expect(error).toMatchObject({ code: 'TORN_STORE', message: expect.stringContaining('restore') });
      patch(segment(dir, generation), at);
    }
  }
  expect(await readAll(dir)).toEqual(all);
});

it('a journal that is deleted while it is open takes nothing more, and its readers are told', async () => {
  for (const what of ['folder', 'segment', 'header']) {
    const dir = newFolder();
    const journal = await openEventJournal({ dir, codec: value() });
    await journal.append('there');
    const reader = openJournal(dir);
    const following = rejectionOf(async () => {
      for await (const _ of reader.items({ follow: true }));
    });
    const paths = { folder: dir, segment: segment(dir), header: header(dir) };
    rmSync(paths[what as 'folder'], { recursive: true });
    expect(await rejectionOf(() => journal.append('gone'))).toMatchObject({ code: 'TORN_STORE' });
    await rejectionOf(() => journal.append('gone too'));
    await rejectionOf(() => journal.close());
    expect(await following).toMatchObject({ code: 'TORN_STORE' });
    await reader.close();
  }
});

it('a path that is none is refused by every call', async () => {
  for (const dir of ['', undefined, null, 5, 'a\0b', {}] as never[]) {
    for (const call of [
      () => openJournal(dir),
      () => journalPosition(dir),
      () => toJournal({ dir }),
      () => openEventJournal({ dir, codec: CODECS.struct }),
    ]) {
      expect(await rejectionOf(call)).toMatchObject({ code: 'BAD_OPTIONS', message: expect.stringContaining('dir') });
    }
  }
});

it('a folder in which nothing can be made is refused', async () => {
  const dir = process.platform === 'linux' ? '/proc/millrace' : '/dev/null/millrace';
  expect(await rejectionOf(() => openEventJournal({ dir, codec: CODECS.struct }))).toMatchObject({
    code: 'STORE_FAILED',
  });
});

it('options of a reader are checked, all at once', async () => {
  const dir = await newJournal();
  const reader = openJournal(dir);
  for (const read of [(given: object) => reader.items(given), (given: object) => reader.batches(given)]) {
    expect(() => read({ from: -1, follow: 1, signal: {}, form: 2 })).toThrow(
      /BAD_OPTIONS.*form is not an option.*from is -1.*follow is 1.*signal is/,
    );
    expect(() => read({ from: { items: 3 } })).toThrow(/BAD_OPTIONS.*from is { items: 3 }/);
    expect(() => read(7 as never)).toThrow(/BAD_OPTIONS.*got 7/);
  }
});

it.skipIf(process.platform === 'win32')(
  'a pipe, or a link to nothing, in the place of a file is refused, and not waited for',
  async () => {
    const linked = newFolder();
    mkdirSync(linked, { recursive: true });
    symlinkSync('/nowhere/journal.json', join(linked, 'journal.json'));
    const piped = newFolder();
    mkdirSync(piped, { recursive: true });
    execFileSync('mkfifo', [join(piped, 'journal.json')]);
    const segment = newFolder();
    await (await openEventJournal({ dir: segment, codec: u32 })).close();
    execFileSync('mkfifo', [join(segment, '000000000002.segment')]);
    for (const dir of [linked, piped, segment]) {
      expect(await rejectionOf(() => journalPosition(dir))).toMatchObject({ code: 'TORN_STORE' });
      expect(await rejectionOf(() => openEventJournal({ dir, codec: u32 }))).toMatchObject({ code: 'TORN_STORE' });
    }
  },
);

it('a codec whose schema is none is refused, and nothing is made', async () => {
  for (const schema of [{}, null, { type: 'u128' }]) {
    const dir = newFolder();
    const opening = () => openEventJournal({ dir, codec: { ...u32, schema } as never });
    expect(await rejectionOf(opening)).toMatchObject({ code: 'BAD_OPTIONS' });
    expect(await journalPosition(dir)).toEqual({ sequence: 0, items: 0 });
    await (await openEventJournal({ dir, codec: u32 })).close();
  }
});

it('options that cannot be shown are refused like others', async () => {
  const dir = newFolder();
  const bare = Object.create(null) as never;
  const ring: Record<string, unknown> = {};
  ring.ring = ring;
  await (await openEventJournal({ dir, codec: u32 })).close();
  await using reader = openJournal(dir);
  for (const call of [
    () => openEventJournal({ dir, codec: u32, durability: bare }),
    () => openEventJournal({ dir, codec: u32, maxBytes: bare }),
    async () => toJournal({ dir, commitMs: bare }),
    async () => toJournal({ dir, commitMs: Symbol('soon') as never, commitItems: bare }),
    async () => reader.items({ follow: bare }),
    async () => reader.items({ from: { sequence: 1n } as never }),
    async () => reader.items({ from: ring as never }),
  ])
    expect(await rejectionOf(call)).toMatchObject({ code: 'BAD_OPTIONS' });
});

it.each([
  ['renamed', (path: string) => renameSync(path, `${path}.moved`)],
  [
    'replaced by a copy',
    (path: string) => {
      cpSync(path, `${path}.copy`);
      renameSync(`${path}.copy`, path);
    },
  ],
  ['emptied', (path: string) => truncateSync(path)],
  ['cut off', (path: string) => truncateSync(path, statSync(path).size - 8)],
] as const)('a segment that is %s while it is open takes nothing more', async (_how, harm) => {
  const dir = newFolder();
  const journal = await openEventJournal({ dir, codec: u32 });
  await journal.append(1);
  harm(join(dir, '000000000001.segment'));
  expect(await rejectionOf(() => journal.append(2))).toMatchObject({ code: 'TORN_STORE' });
  expect(await rejectionOf(() => journal.close())).toMatchObject({ code: 'TORN_STORE' });
});
