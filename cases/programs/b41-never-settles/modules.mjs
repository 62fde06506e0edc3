import { i32, processor, writer } from 'millrace';

const never = () => new Promise(() => {});
const process = (n, output) => output.emit(n);

export default processor({ input: i32, output: i32, process });
export const initNeverSettles = processor({ input: i32, output: i32, init: never, process });
export const throws = processor({
  input: i32,
  output: i32,
  process() {
    throw new Error('no');
  },
});
export const closeNeverSettles = writer({ input: i32, write() {}, close: never });
export const disposeNeverSettles = writer({ input: i32, write() {}, dispose: never });
export const disposeThrows = writer({
  input: i32,
  write() {},
  dispose() {
    throw 'only text';
  },
});
