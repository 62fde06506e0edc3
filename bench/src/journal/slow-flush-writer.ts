/**
 * The journal's writer on a disk whose flushes take longer: `slow-flush-writer.js?writer=URL`, where URL is the module of
 * `toJournal`. The system makes each flush as always, and its callback comes so much later.
 */
import fs from 'node:fs';
import type { WriterContext, WriterDefinition } from 'millrace';

export interface SlowFlushData {
  readonly journal: unknown;
  readonly slowerFlushMs: number;
  /** One word: flushes that were made slower. */
  readonly flushes: Int32Array;
}

let slowerFlushMs = 0;
let flushes: Int32Array | undefined;

const slowed =
  (flush: typeof fs.fdatasync): ((fd: number, callback: fs.NoParamCallback) => void) =>
  (fd, callback) => {
    if (flushes !== undefined) Atomics.add(flushes, 0, 1);
    flush(fd, (error) => setTimeout(callback, slowerFlushMs, error));
  };

Object.assign(fs, { fdatasync: slowed(fs.fdatasync), fsync: slowed(fs.fsync) });

const url = new URL(import.meta.url).searchParams.get('writer')!;
const { default: journal } = (await import(url)) as { default: WriterDefinition<unknown> };

const slowFlushWriter: WriterDefinition<unknown> = Object.assign(Object.create(journal) as typeof journal, {
  init(context: WriterContext) {
    const data = context.data as SlowFlushData;
    ({ slowerFlushMs, flushes } = data);
    return journal.init?.({ ...context, data: data.journal });
  },
});
export default slowFlushWriter;
