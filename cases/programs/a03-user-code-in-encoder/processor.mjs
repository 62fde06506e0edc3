import { i32, processor, struct, value } from 'millrace';

const Item = struct({ n: i32, at: i32 });

/** A text that is longer at each time it is read, up to the third. */
export const longer = processor({
  input: i32,
  output: value(),
  process(n, output) {
    let reads = 0;
    output.emit({
      n,
      get text() {
        reads++;
        return 'x'.repeat(100 * Math.min(reads, 5));
      },
    });
  },
});

export const growing = processor({
  input: i32,
  output: value(),
  process(n, output) {
    let length = 10;
    output.emit({
      n,
      get text() {
        if (n === 7) length += 500;
        return 'x'.repeat(length);
      },
    });
  },
});

const emitsInside = (codec) =>
  processor({
    input: i32,
    output: codec,
    process(n, output) {
      output.emit({
        n,
        get at() {
          if (n === 7) for (let i = 0; i < 1_000; i++) output.emit({ n: 1_000 + i, at: 0 });
          return n;
        },
      });
    },
  });
export const nestedStruct = emitsInside(Item);
export const nestedValue = emitsInside(value());

const ODD = [1n, Symbol('s'), { valueOf: () => 1 }, '1'];
export const odd = processor({
  input: i32,
  output: i32,
  process(n, output) {
    output.emit(n < ODD.length ? ODD[n] : n);
  },
});

export const points = processor({ input: struct({ x: i32 }), output: i32, process: ({ x }, output) => output.emit(x) });
export const values = processor({ input: value(), output: i32, process: ({ x }, output) => output.emit(x) });
