import { i32, writer } from 'millrace';
import { hostile } from './hostile.mjs';

export const wrong = writer({ input: i32, close: 1 });
export const throwsProxy = writer({
  input: i32,
  write() {
    throw hostile();
  },
});
