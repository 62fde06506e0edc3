import { i32, type Processor, processor } from 'millrace';

let items = 0;

/** The first sequence emits all items, the others one each. */
const hugeProcessor: Processor<number, number> = processor<number, number>({
  output: i32,
  init({ data }) {
    items = data as number;
  },
  process(sequence, output) {
    const count = sequence === 0 ? items : 1;
    for (let i = 0; i < count; i++) output.emit((i * 7 + sequence) | 0);
  },
});

export default hugeProcessor;
