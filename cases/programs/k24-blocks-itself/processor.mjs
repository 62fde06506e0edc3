import { i32, processor } from 'millrace';

export default processor({ input: i32, output: i32, process: (event, output) => output.emit(event) });
