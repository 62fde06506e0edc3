import { once } from 'node:events';
import fs, { mkdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { privateMemory, u32 } from '@millrace/codec';
import { journalPosition, openEventJournal, toJournal } from '@millrace/journal';
import { expect, it, vi } from 'vitest';
import { ChunkWriter } from '../src/format/chunk-writer.ts';
import { type Fence, NodeFolder, type SegmentFile } from '../src/store/folder.ts';
import { thisThread } from '../src/store/owner.ts';
import { Store } from '../src/store/store.ts';
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
  expect(second.output()).toMatch(
    new RegExp(
      `\\[IN_USE\\] process ${first.process.pid} .*has the journal ${dir} open.*close it or stop its flow first`,
    ),
  );
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

const options = (dir: string) =>
  ({ dir, kind: 'items', schema: u32.schema, durability: 'none', maxBytes: 2 ** 40 }) as const;
const someone = { ...thisThread(), began: 'long ago' };

it.each(['its unfinished file', 'its segment'])(
  'a claim that another owner overtakes, and clears %s away, is refused as IN_USE',
  async (what) => {
    const dir = newFolder();
    const name = what === 'its segment' ? 'open' : 'replace';
    const overtaken = new (class extends NodeFolder {
      private async overtake(): Promise<void> {
        if (!isOvertaken) await (await Store.open({ ...options(dir), owner: thisThread() })).close();
        isOvertaken = true;
      }

      override async open(file: string): Promise<SegmentFile> {
        if (name === 'open') await this.overtake();
        return await super.open(file);
      }

      override async replace(file: string, bytes: Uint8Array): Promise<Fence | undefined> {
        if (name === 'replace') {
          const { rename } = fs.promises;
          vi.spyOn(fs.promises, 'rename').mockImplementationOnce(async (from, to) => {
            await this.overtake();
            await rename(from, to);
          });
        }
        return await super.replace(file, bytes);
      }
    })(dir, false);
    let isOvertaken = false;
    mkdirSync(dir);
    const error = await rejectionOf(() => Store.open({ ...options(dir), owner: someone }, overtaken));
    expect(isOvertaken).toBe(true);
    expect(error).toMatchObject({ code: 'IN_USE' });
    await (await Store.open({ ...options(dir), owner: thisThread() })).close();
  },
);

it('a writer that was taken for dead is refused from then on', async () => {
  const dir = newFolder();
  const owner = thisThread();
  const first = await Store.open({ ...options(dir), owner: someone });
  await first.commit(progressChunk(0, 1), { sequence: 1, items: 0 });
  const second = await Store.open({ ...options(dir), owner });
  expect(second.position).toEqual({ sequence: 1, items: 0 });
  const late = await rejectionOf(() => first.commit(progressChunk(1, 9), { sequence: 9, items: 0 }));
  expect(late.message).toMatch(/\[IN_USE\].*taken over/);
  await second.commit(progressChunk(1, 2), { sequence: 2, items: 0 });
  await first.close();
  const third = await rejectionOf(() => Store.open({ ...options(dir), owner }));
  expect(third.message).toMatch(/\[IN_USE\] this thread has the journal .* close it/);
  expect(await journalPosition(dir)).toEqual({ sequence: 2, items: 0 });
  await second.close();
  const fourth = await Store.open({ ...options(dir), owner });
  expect(fourth.position).toEqual({ sequence: 2, items: 0 });
  await fourth.close();
});

it('one thread opens a journal once, by a flow and by hand', async () => {
  const dir = newFolder();
  await using _ = await openEventJournal({ dir, codec: u32 });
  expect(await rejectionOf(() => openEventJournal({ dir, codec: u32 }))).toMatchObject({ code: 'IN_USE' });
});

it('another thread of the process is refused, by name', async () => {
  const dir = newFolder();
  await using _ = await openEventJournal({ dir, codec: u32 });
  const worker = new Worker(
    `const { parentPort, workerData: dir } = require('node:worker_threads');
     Promise.all([import('@millrace/journal'), import('@millrace/codec')])
       .then(([{ openEventJournal }, { u32 }]) => openEventJournal({ dir, codec: u32 }))
       .catch((error) => parentPort.postMessage(error.message));`,
    { eval: true, workerData: dir },
  );
  const [message] = await once(worker, 'message');
  await worker.terminate();
  expect(message).toMatch(new RegExp(`\\[IN_USE\\] process ${process.pid} .*\\(thread \\d+\\) has the journal`));
});

/** A chunk that says that these sequences have no items. */
function progressChunk(begin: number, end: number): Uint8Array {
  const memory = privateMemory(1_024);
  const chunks = new ChunkWriter(memory);
  chunks.reset(0, 1_024, { sequence: begin, items: 0 });
  return memory.u8.subarray(0, chunks.finish({ sequence: end, items: 0 }));
}

it('a writer that was closed takes nothing more', async () => {
  const dir = newFolder();
  const spec = toJournal({ dir });
  const writer = await loadWriter(spec);
  await writer.init({ data: spec.data, codec: CODECS.struct });
  await writer.close();
  expect(await rejectionOf(() => writer.commit({ sequence: 1, items: 0 }))).toMatchObject({ code: 'CLOSED' });
});
