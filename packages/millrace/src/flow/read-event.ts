import { codecFromSchema } from '@millrace/codec';
import { openEventRing, RecordLookup } from 'native-free-rings';
import type { FlowPlan } from '../thread/plan.ts';

/** A copy of the event of a sequence that is not yet published; of bare sequences, the sequence. */
export function readEvent({ source: { ring, events } }: FlowPlan, sequence: number): unknown {
  if (ring === undefined || events === undefined) return sequence;
  const opened = openEventRing(ring);
  const records = new RecordLookup(opened);
  const codec = codecFromSchema(events);
  const offset = records.offsetOf(sequence);
  return codec.kind === 'fixed'
    ? codec.read(opened.memory, offset)
    : codec.read(opened.memory, offset, records.lengthOf(sequence));
}
