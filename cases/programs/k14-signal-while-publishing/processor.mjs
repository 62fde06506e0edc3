import { i32, processor } from 'millrace';

export default processor({ input: i32, output: i32, process: (n, output) => output.emit(n) });
