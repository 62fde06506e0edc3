import { openJournal, toJournal } from '@millrace/journal';
import { pipeline, type WriterSpec } from 'millrace';
import { FlowEvent, type FlowRound, type FlowSetting, OUTSTANDING } from './flow-setting.ts';
import type { SlowFlushData } from './slow-flush-writer.ts';

const PROCESSOR = new URL('./flow-processor.js', import.meta.url);
const SLOW_FLUSH_WRITER = new URL('./slow-flush-writer.js', import.meta.url);

/** One event after the other, each with one item, through a flow into a new journal; published as fast as there is room. */
export async function throughFlow(
  dir: string,
  { durability, slowerFlushMs }: FlowSetting,
  sequences: number,
  threads: number,
): Promise<Omit<FlowRound, 'name'>> {
  const flushes = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const spec = toJournal({ dir, durability });
  const flow = await pipeline({ source: FlowEvent, capacity: OUTSTANDING })
    .process(PROCESSOR, { threads })
    .write(slowerFlushMs === 0 ? spec : slowerFlushes(spec, slowerFlushMs, flushes))
    .start();
  const cpu = process.cpuUsage();
  const began = performance.now();
  await flow.publish(eventsOf(sequences));
  await flow.drain();
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  return { sequences, ms, cpuMs: (user + system) / 1e3, slowFlushes: flushes[0] };
}

function slowerFlushes(spec: WriterSpec, slowerFlushMs: number, flushes: Int32Array): WriterSpec {
  const module = new URL(SLOW_FLUSH_WRITER);
  module.searchParams.set('writer', spec.module);
  const data: SlowFlushData = { journal: spec.data, slowerFlushMs, flushes };
  return { kind: 'writer', module: module.href, data };
}

function* eventsOf(count: number): Generator<{ n: number; price: number }> {
  const event = { n: 0, price: 0 };
  for (; event.n < count; event.n++) {
    event.price = event.n / 3;
    yield event;
  }
}

/**
 * Reads a journal back: how many items there are, and the sum of their sequences. Throws where one is not that of the next
 * sequence.
 */
export async function flowContent(dir: string): Promise<{ items: number; sum: number }> {
  await using reader = openJournal<{ sequence: number; price: number }>(dir);
  let items = 0;
  let sum = 0;
  for await (const batch of reader.batches()) {
    for (let i = 0; i < batch.length; i++, items++) {
      const { sequence, price } = batch.at(i);
      if (sequence !== items || batch.sequenceAt(i) !== items || price !== items / 3) {
        throw new Error(
          `item ${items} of the journal is of sequence ${batch.sequenceAt(i)}, says ${sequence}, and has price ${price}`,
        );
      }
      sum += sequence;
    }
  }
  return { items, sum };
}
