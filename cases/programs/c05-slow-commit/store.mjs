import { setTimeout } from 'node:timers/promises';
import { u32, writer } from 'millrace';

let seen;
let takesMs;
let written = 0;

export default writer({
  input: u32,
  init({ data }) {
    seen = new Int32Array(data.memory);
    takesMs = data.takesMs;
  },
  write(batch) {
    for (const n of batch) if (n !== written++) seen[2]++;
  },
  async commit() {
    await setTimeout(takesMs);
    seen[0]++;
    seen[1] = written;
  },
});
