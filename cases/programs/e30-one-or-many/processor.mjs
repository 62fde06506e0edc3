import { value as any, bytes as bytesOf, i32 as number, processor } from 'millrace';

const same = (codec) => processor({ input: codec, output: codec, process: (event, output) => output.emit(event) });

export const value = same(any());
export const bytes = same(bytesOf());
export const i32 = same(number);
