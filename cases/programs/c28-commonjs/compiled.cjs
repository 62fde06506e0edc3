'use strict';
// As a compiler writes it for `export default processor(…); export const store = writer(…)`.
Object.defineProperty(exports, '__esModule', { value: true });
exports.store = void 0;
const millrace_1 = require('millrace');
const Num = millrace_1.struct({ n: millrace_1.i32 });
exports.Num = Num;
exports.default = millrace_1.processor({
  input: Num,
  output: Num,
  process({ n }, output) {
    output.emit({ n });
  },
});
exports.store = millrace_1.writer({ input: Num, write() {} });
