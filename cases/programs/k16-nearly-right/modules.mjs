import { i32, processor, writer } from 'millrace';

const emitting = { output: i32, process: (sequence, output) => output.emit(sequence) };
export default processor(emitting);
export const mistypedProcessor = processor({ ...emitting, interestd: () => true });
export const ownProcessor = processor({ ...emitting, cache: new Map(), lookUp() {} });

export const mistyped = writer({ write() {}, comit() {} });
export const own = writer({
  closed: false,
  commits: 0,
  rows: [],
  store(row) {
    this.rows.push(row);
  },
  write(batch) {
    for (const item of batch) this.store(item);
  },
});
