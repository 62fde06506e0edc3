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

/** Runs on the writer thread: takes the quotes in the order of their days, of many days at once. A batch is acknowledged when `write` returns. */
export default writer({
  input: QuoteRecord,
  init({ data }) {
    const writerData = data as WriterData;
    csv = new CsvFile(writerData.file);
    latencies = new LatencyTable(writerData.latencies);
  },
  write(batch) {
    for (const quote of batch.views()) csv.write(quote);
    for (let run = 0; run < batch.runs; run++) latencies.written(batch.runSequence(run));
  },
  close() {
    csv.close();
  },
});
