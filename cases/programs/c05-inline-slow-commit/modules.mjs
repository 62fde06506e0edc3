import { bytes, processor, u32, writer } from 'millrace';

/** Lanes of the inline mode have 256 MiB. */
const item = new Uint8Array(16 * 1024 * 1024);
export default processor({
  input: u32,
  output: bytes(),
  process(_event, output) {
    for (let i = 0; i < 28; i++) output.emit(item);
  },
});

const never = new Int32Array(new SharedArrayBuffer(4));
export const store = writer({
  input: bytes(),
  write() {},
  commit() {
    Atomics.wait(never, 0, 0, 1_000);
  },
});
