/** Sends each batch to a broker, which answers in any order; eight are on their way at one time. */
import { i32, writer } from 'millrace';

let sent = 0;
let open = 0;
let counts;

export default writer({
  input: i32,
  maxInFlight: 8,
  maxItems: 25,
  init({ data }) {
    counts = new Int32Array(data);
  },
  async write(batch) {
    const items = batch.toArray();
    counts[1] = Math.max(counts[1], ++open);
    await new Promise((resolve) => setTimeout(resolve, (sent++ % 3) * 2));
    // The batch is the same until it is acknowledged.
    if (items.some((item, i) => item !== batch.at(i))) counts[2]++;
    counts[0] += items.length;
    open--;
  },
});
