import { i32, type Processor, processor } from 'millrace';

/** Each sequence emits itself. */
const oneItem: Processor<number, number> = processor<number, number>({
  output: i32,
  process(sequence, output) {
    output.emit(sequence);
  },
});

export default oneItem;
