import { i32, processor } from 'millrace';

export default processor({ output: i32, process: (sequence, output) => output.emit(sequence) });
