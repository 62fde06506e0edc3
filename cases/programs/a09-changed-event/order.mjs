import { f64, processor, struct, u32 } from 'millrace';

export const Order = struct({ price: f64, size: u32 });

export const careless = processor({
  input: Order,
  output: Order,
  process(event, output) {
    event.price *= 2;
    output.emit(event);
  },
});

let failed = false;
export const careful = processor({
  input: Order,
  output: Order,
  process(event, output) {
    const { price, size } = event;
    if (!failed) {
      failed = true;
      throw new Error('once');
    }
    output.emit({ price: price * 2, size });
  },
});
