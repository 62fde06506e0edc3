/**
 * The writer of a flow that delivers into a journal; loaded on the flow's writer thread. It may be terminated at any moment:
 * what it has not committed is not in the journal, and is delivered again from the journal's position on.
 */
import type { Batch, WriterContext, WriterDefinition } from 'millrace';
import { JournalError } from './errors.ts';
import type { CompiledJournalOptions } from './options.ts';
import type { Progress } from './progress.ts';
import { Recorder } from './store/recorder.ts';

export interface JournalWriterData {
  readonly options: CompiledJournalOptions;
}

let recorder: Recorder | undefined;

const definition = {
  async init({ data, codec }: WriterContext): Promise<Progress> {
    const { options } = data as JournalWriterData;
    if (codec === undefined) {
      throw new JournalError(
        'BAD_OPTIONS',
        `the journal ${options.dir} needs a processor with an "output": its items are to be recorded`,
      );
    }
    recorder = await Recorder.open({ ...options, kind: 'items', schema: codec.schema }, codec);
    return recorder.position;
  },

  write(batch: Batch<unknown>): void | Promise<void> {
    const open = opened();
    if (!open.append(batch)) return writeRest(open);
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
async function writeRest(open: Recorder): Promise<void> {
  do await open.send();
  while (!open.appendRest());
}

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
