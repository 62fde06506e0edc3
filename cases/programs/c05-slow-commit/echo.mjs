import { processor, u32 } from 'millrace';

export default processor({ input: u32, output: u32, process: (n, out) => out.emit(n) });
