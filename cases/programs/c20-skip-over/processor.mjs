import { f64, i32, processor, struct } from 'millrace';

const seen = struct({ sequence: f64, n: f64 });
function seeing(input) {
  let sequence = 0;
  return processor({
    input,
    output: seen,
    interested: (_event, at) => {
      sequence = at;
      return true;
    },
    process: (n, output) => output.emit({ sequence, n }),
  });
}

export const numbers = seeing(i32);
export const bare = seeing(undefined);
