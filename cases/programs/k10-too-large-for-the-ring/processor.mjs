import { i32, processor, value } from 'millrace';

export default processor({ input: i32, output: value(), process: (n, output) => output.emit('x'.repeat(n)) });
