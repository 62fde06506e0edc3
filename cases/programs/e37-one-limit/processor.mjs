import { bytes, processor } from 'millrace';

export default processor({ input: bytes(), output: bytes(), process: (event, output) => output.emit(event) });
