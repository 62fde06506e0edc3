import { writer } from 'millrace';
import { CsvFile } from './csv-file.ts';
import { LatencyTable } from './latency.ts';
import { QuoteRecord } from './records.ts';

export interface WriterData {
  readonly file: string;
  readonly latencies: SharedArrayBuffer;
}

let csv: CsvFile;
let latencies: LatencyTable;

/** Runs on the writer thread: takes the quotes in the order of their days. A batch is acknowledged when `write` returns. */
export default writer({
  input: QuoteRecord,
  init({ data }) {
    const writerData = data as WriterData;
    csv = new CsvFile(writerData.file);
    latencies = new LatencyTable(writerData.latencies);
  },
  write(batch) {
    for (const quote of batch.views()) csv.write(quote);
    latencies.written(batch.sequence);
  },
  close() {
    csv.close();
  },
});
