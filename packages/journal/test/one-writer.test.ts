import { u32 } from '@millrace/codec';
import { journalPosition, toJournal } from '@millrace/journal';
import { expect, it } from 'vitest';
import { thisThread } from '../src/owner.ts';
import { Store } from '../src/store.ts';
import { CODECS, loadWriter, oracle, runFlow } from './fixtures/flow.mjs';
import { startFlow } from './support/child.ts';
import { newFolder } from './support/folder.ts';
import { readAll, rejectionOf } from './support/read.ts';

it('a second process is refused while the first lives, and accepted when it was killed', async () => {
  const dir = newFolder();
  const first = startFlow(dir, 'struct', 100_000, 'batch', 3);
  await first.printed(/\n/);
  const second = startFlow(dir, 'struct', 200, 'batch');
  expect(await second.exited).toBe(1);
  expect(second.output()).toMatch(new RegExp(`\\[IN_USE\\] process ${first.process.pid} .*${dir}.*stop it first`));
  expect(await rejectionOf(() => runFlow({ spec: toJournal({ dir }), codec: 'struct', sequences: 1 }))).toMatchObject({
    code: 'IN_USE',
  });
  first.process.kill('SIGKILL');
  await first.exited;
  const { sequence } = await journalPosition(dir);
  const start = await runFlow({ spec: toJournal({ dir }), codec: 'struct', sequences: sequence + 100 });
  expect(start.sequence).toBe(sequence);
  expect((await readAll(dir)).length).toBe(oracle(sequence + 100).length);
});

it('a writer that was taken for dead is refused from then on', () => {
  const dir = newFolder();
  const options = { dir, kind: 'items', schema: u32.schema, durability: 'none', maxBytes: 2 ** 40 } as const;
  const owner = thisThread();
  const first = new Store({ ...options, owner: { ...owner, began: 'long ago' } });
  first.commit(Buffer.alloc(0), { sequence: 1, items: 0 });
  const second = new Store({ ...options, owner });
  expect(second.position()).toEqual({ sequence: 1, items: 0 });
  expect(() => first.commit(Buffer.alloc(0), { sequence: 9, items: 0 })).toThrow(/\[IN_USE\].*taken over/);
  second.commit(Buffer.alloc(0), { sequence: 2, items: 0 });
  first.close();
  expect(() => new Store({ ...options, owner })).toThrow(/\[IN_USE\]/);
  expect(second.position()).toEqual({ sequence: 2, items: 0 });
  second.close();
  const third = new Store({ ...options, owner });
  expect(third.position()).toEqual({ sequence: 2, items: 0 });
  third.close();
});

it('a weaker durability that is still open in this process is not taken over unseen', () => {
  const dir = newFolder();
  const options = {
    dir,
    kind: 'items',
    schema: u32.schema,
    maxBytes: 2 ** 40,
    owner: { ...thisThread(), began: 'x' },
  } as const;
  const weak = new Store({ ...options, durability: 'none' });
  expect(() => new Store({ ...options, durability: 'always' })).toThrow(/weaker durability/);
  weak.close();
  new Store({ ...options, durability: 'always' }).close();
});

it('a writer that was closed takes nothing more', async () => {
  const dir = newFolder();
  const spec = toJournal({ dir });
  const writer = await loadWriter(spec);
  await writer.init({ data: spec.data, codec: CODECS.struct });
  writer.close();
  expect(await rejectionOf(() => writer.commit({ sequence: 1, items: 0 }))).toMatchObject({ code: 'CLOSED' });
});
