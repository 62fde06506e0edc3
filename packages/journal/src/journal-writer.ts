/**
 * The writer of a flow that delivers into a journal; loaded on the flow's writer thread. It may be terminated at any moment:
 * what it has not committed is not in the journal, and is delivered again from the journal's position on.
 */
import type { WriterContext, WriterDefinition } from 'millrace';
import { ChannelClient } from './channel.ts';
import type { EncodedBatch } from './chunk-writer.ts';
import { JournalError } from './errors.ts';
import type { CompiledJournalOptions } from './options.ts';
import type { Progress } from './progress.ts';
import { Recorder } from './recorder.ts';

export interface JournalWriterData {
  readonly options: CompiledJournalOptions;
  readonly commitMs: number | undefined;
  readonly channel: SharedArrayBuffer;
}

let open: { readonly client: ChannelClient; readonly recorder: Recorder } | undefined;
let commitMs: number | undefined;

const definition = {
  /** Known once `init` ran. */
  get commitMs(): number | undefined {
    return commitMs;
  },

  async init({ data, codec }: WriterContext): Promise<Progress> {
    const { options, channel, commitMs: interval } = data as JournalWriterData;
    const { dir, durability, maxBytes } = options;
    if (codec === undefined) {
      throw new JournalError(
        'BAD_OPTIONS',
        `the journal ${dir} needs a processor with an "output": its items are to be recorded`,
      );
    }
    commitMs = interval;
    const client = new ChannelClient(channel, dir);
    const recorder = new Recorder(client, dir, codec);
    const position = await recorder.open({ dir, kind: 'items', schema: codec.schema, durability, maxBytes });
    open = { client, recorder };
    return position;
  },

  write(batch: EncodedBatch): void {
    const { client, recorder } = opened();
    while (!recorder.append(batch)) {
      client.settle();
      recorder.send(recorder.position);
    }
  },

  commit(progress: Progress): void {
    const { client, recorder } = opened();
    client.settle();
    if (!recorder.isBehind(progress)) return;
    recorder.send(progress);
    client.settle();
  },

  close(): void {
    if (open === undefined) return;
    definition.commit(open.recorder.position);
    shut(open.client);
  },

  /** However the flow ended: what is not committed is not in the journal. */
  dispose(): void {
    if (open === undefined) return;
    try {
      shut(open.client);
    } catch {
      // A commit that failed has been reported by the call that waited for it, or the flow was stopped before.
    }
  },
} satisfies WriterDefinition<unknown>;

/** Lets the store thread end. */
function shut(client: ChannelClient): void {
  open = undefined;
  client.settle();
  client.close();
  client.settle();
  client.detach();
}

function opened(): { readonly client: ChannelClient; readonly recorder: Recorder } {
  if (open === undefined) throw new JournalError('CLOSED', 'the journal was closed: start the flow again');
  return open;
}

/** Millrace knows a writer by this mark. */
const journalWriter: WriterDefinition<unknown> = Object.assign(definition, {
  [Symbol.for('millrace.writer')]: true as const,
});
export default journalWriter;
