import { f64, processor, struct, u32 } from 'millrace';

export const Row = struct({ n: u32, half: f64 });

/** `n` rows of an event. */
export default processor({
  input: Row,
  output: Row,
  process(event, output) {
    for (let n = 0; n < event.n; n++) output.emit({ n, half: n / 2 });
  },
});
