import { i32, processor, writer } from 'millrace';

const block = () => {
  for (;;);
};
const emitting = { output: i32, process: (sequence, output) => output.emit(sequence) };

export const plain = processor(emitting);
export const disposing = processor({ ...emitting, dispose: block });
export const plainWriter = writer({ write() {} });
export const closes = writer({ write() {}, close: block });
export const disposes = writer({ write() {}, dispose: block });
