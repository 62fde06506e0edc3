import { i32, writer } from 'millrace';
import { thenables } from './thenables.mjs';

let items;
let calls = 0;
const any = () => thenables[calls++ % thenables.length]();

export default writer({
  input: i32,
  maxItems: 1,
  init({ data }) {
    items = new Int32Array(data);
    return any();
  },
  write(batch) {
    for (const n of batch) items[n]++;
    return any();
  },
  commit: any,
  close: any,
  dispose: any,
});
