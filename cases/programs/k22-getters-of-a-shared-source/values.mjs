import { processor, value } from 'millrace';

export default processor({ input: value(), output: value(), process: (event, output) => output.emit(event) });
