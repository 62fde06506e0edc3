import { i32, processor } from 'millrace';

export const taken = processor({ input: i32, output: i32, process: (n, { emit }) => emit(n) });
export const handed = processor({ input: i32, output: i32, process: (n, output) => [n].forEach(output.emit) });
export const own = processor({ input: i32, output: i32, process: (n, _output) => n.of.nothing });
