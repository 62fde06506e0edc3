import { i32, type Processor, processor } from 'millrace';

const echo: Processor<number, number> = processor({
  input: i32,
  output: i32,
  process(value, output) {
    output.emit(value);
  },
});

export default echo;
