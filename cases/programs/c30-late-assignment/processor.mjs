import { processor, struct, u32 } from 'millrace';

export default processor({
  output: struct({ a: u32, b: u32 }),
  process(_, output) {
    for (let i = 0; i < 3_000; i++) {
      const item = output.next();
      item.a = i;
      // The item that `next` has handed out, once more: from here on it is done.
      output.emit(item);
      item.b = 1;
    }
  },
});
