import { u8 as byte, f64, i32, processor, struct } from 'millrace';

export const Tick = struct({ price: f64, size: i32 });

/** Emit what they get, and its sequence. */
const seen = struct({ sequence: f64, n: f64 });
function seeing(input, number) {
  let sequence = 0;
  return processor({
    input,
    output: seen,
    interested: (_event, at) => {
      sequence = at;
      return true;
    },
    process: (event, output) => output.emit({ sequence, n: number(event) }),
  });
}

export const ticks = seeing(Tick, ({ price, size }) => price + size);
export const numbers = seeing(i32, (n) => n);
export const bytes = seeing(byte, (n) => n);
