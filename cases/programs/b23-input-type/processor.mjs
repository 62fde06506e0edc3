import { i32, processor } from 'millrace';

if (!process.execArgv.includes('--conditions=of-the-user')) throw new Error(`the flags are ${process.execArgv}`);

export default processor({
  input: i32,
  output: i32,
  process: (n, output) => output.emit(n * n),
});
