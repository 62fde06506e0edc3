/**
 * The writer of a flow that delivers into a journal; loaded on the flow's writer thread. It may be terminated at any moment:
 * what it has not committed is not in the journal, and is delivered again from the journal's position on.
 */
import type { Codec } from '@millrace/codec';
import type { Batch, WriterContext, WriterDefinition } from 'millrace';
import { JournalError } from './errors.ts';
import { pad4 } from './format/chunk-descriptor.ts';
import type { EncodedRun } from './format/chunk-writer.ts';
import type { CompiledJournalOptions } from './options.ts';
import type { Progress } from './progress.ts';
import { Recorder } from './store/recorder.ts';

export interface JournalWriterData {
  readonly options: CompiledJournalOptions;
}

let recorder: Recorder | undefined;
/** Bytes of an item; 0 where they vary. */
let itemBytes = 0;

const definition = {
  async init({ data, codec }: WriterContext): Promise<Progress> {
    const { options } = data as JournalWriterData;
    if (codec === undefined) {
      throw new JournalError(
        'BAD_OPTIONS',
        `the journal ${options.dir} needs a processor with an "output": its items are to be recorded`,
      );
    }
    itemBytes = itemBytesOf(codec);
    recorder = await Recorder.open({ ...options, kind: 'items', schema: codec.schema }, codec);
    return recorder.position;
  },

  write(batch: Batch<unknown>): void | Promise<void> {
    const open = opened();
    const runs = runsOf(batch);
    for (const [i, run] of runs.entries()) if (!open.append(run)) return writeLater(open, runs.slice(i));
  },

  async commit(progress: Progress): Promise<void> {
    await opened().commit(progress);
  },

  async close(): Promise<void> {
    if (recorder === undefined) return;
    await recorder.commit(recorder.position);
    await shut();
  },

  /** However the flow ended: what is not committed is not in the journal. */
  async dispose(): Promise<void> {
    // A commit that failed has been reported by the call that waited for it, or the flow was stopped before.
    await shut().catch(() => undefined);
  },
} satisfies WriterDefinition<unknown>;

/** Half of the memory is full: it is committed while the other half is filled. */
async function writeLater(open: Recorder, runs: readonly EncodedRun[]): Promise<void> {
  for (const run of runs) while (!open.append(run)) await open.send();
}

function runsOf(batch: Batch<unknown>): EncodedRun[] {
  const runs: EncodedRun[] = [];
  for (const segment of batch.segments) {
    const source = segment.bytes();
    let offset = 0;
    for (let run = segment.firstRun; run < segment.firstRun + segment.runs; run++) {
      const length = batch.runEnd(run) - batch.runBegin(run);
      const bytes = itemBytes > 0 ? length * itemBytes : framedBytes(source, offset, length);
      const [sequence, first, last] = [batch.runSequence(run), batch.runFirst(run), batch.runEnds(run)];
      runs.push({ sequence, first, length, last, source, offset, bytes });
      offset += bytes;
    }
  }
  return runs;
}

/** Bytes of items of varying length, from an offset on. */
function framedBytes(source: Uint8Array, offset: number, length: number): number {
  const view = new DataView(source.buffer, source.byteOffset);
  let at = offset;
  for (let i = 0; i < length; i++) at += 4 + pad4(view.getInt32(at, true));
  return at - offset;
}

const itemBytesOf = (codec: Codec<unknown, never>): number => (codec.kind === 'fixed' ? codec.size : 0);

async function shut(): Promise<void> {
  const closing = recorder;
  recorder = undefined;
  await closing?.close();
}

function opened(): Recorder {
  if (recorder === undefined) throw new JournalError('CLOSED', 'the journal was closed: start the flow again');
  return recorder;
}

/** Millrace knows a writer by this mark. */
const journalWriter: WriterDefinition<unknown> = Object.assign(definition, {
  [Symbol.for('millrace.writer')]: true as const,
});
export default journalWriter;
