import { i32, writer } from 'millrace';

let count;
export default writer({
  input: i32,
  init({ data }) {
    count = data;
  },
  write(batch) {
    count[0] += batch.length;
  },
});
