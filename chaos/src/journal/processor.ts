/** The processor of the flows that write journals. Which items it makes stands in its URL and in its data. */
import { processor } from 'millrace';
import { type Content, Records } from './records.ts';

export interface ProcessorData {
  readonly content: Content;
  readonly writer: number;
}

const codecOf = (kind: string | null): Records => new Records({ kind, mostBytes: 1 } as Content);
let records: Records;
let writer: number;

export default processor<number, unknown>({
  output: codecOf(new URL(import.meta.url).searchParams.get('kind')).codec as never,
  init({ data }) {
    const { content, writer: told } = data as ProcessorData;
    records = new Records(content);
    writer = told;
  },
  process(_event, output) {
    const { sequence } = output;
    const count = records.itemsOf(sequence);
    for (let index = 0; index < count; index++) output.emit(records.make(writer, sequence, index));
  },
});
