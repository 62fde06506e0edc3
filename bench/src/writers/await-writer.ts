import { setTimeout as sleep } from 'node:timers/promises';
import { i32, type Writer, writer } from 'millrace';
import { take } from './state.ts';

export interface AwaitData {
  readonly state: Int32Array<SharedArrayBuffer>;
  readonly awaitMs: number;
}

let data: AwaitData;

/** Takes a batch, and acknowledges it when its round trip is over, as a database or a broker does. */
const awaitWriter: Writer<number> = writer<number>({
  input: i32,
  init(context) {
    data = context.data as AwaitData;
  },
  async write(batch) {
    take(data.state, batch);
    await sleep(data.awaitMs);
  },
});

export default awaitWriter;
