import { i32, processor } from 'millrace';

// Some more files to read.
await import('../../support/case.mjs');

export default processor({ input: i32, output: i32, process: (n, output) => output.emit(n) });
