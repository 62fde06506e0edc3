import { bytes, i32, struct, value } from '@millrace/codec';
import { describe, expect, test } from 'vitest';
import { PROCESSOR_PARTS, processor } from '../../../src/processor/definition.ts';
import { faultsOf } from '../../../src/thread/definition-faults.ts';
import { WRITER_PARTS } from '../../../src/writer/definition.ts';

const Num = struct({ n: i32 });

// The types are the test: `npm run typecheck`.
test('what `process` may return follows from its parameters', () => {
  const good = [
    processor({ input: Num, output: Num, process: (event, output) => output.emit({ n: event.n }) }),
    processor({ input: Num, output: i32, process: ({ n }, output) => n > 5 && output.emit(n) }),
    processor({ input: Num, output: i32, process: ({ n }, _output) => [n] }),
    processor({ input: Num, output: i32, process: async ({ n }, output) => output.emit(n) }),
    processor({ input: Num, output: Num, process: ({ n }) => ({ n }) }),
    processor({ input: Num, output: Num, process: async ({ n }) => (n > 1 ? { n } : undefined) }),
    processor({ output: i32, process: (n) => n * 2 }),
    processor({ output: bytes(), process: (n) => new Uint8Array(n) }),
    processor({ output: value<string>(), process: (n) => String(n) }),
    processor({ output: value<number[]>(), process: (n) => [[n]] }),
    processor({ process: (n) => void n }),
    processor({
      input: Num,
      output: i32,
      *process({ n }) {
        yield n;
      },
    }),
    processor({
      input: Num,
      output: i32,
      async *process({ n }) {
        yield n;
      },
    }),
  ];
  const bad = [
    // @ts-expect-error it emits, so that a text is lost
    processor({ output: value<string>(), process: (n, _output) => String(n) }),
    // @ts-expect-error it emits, so that an object is lost
    processor({ input: Num, output: Num, process: ({ n }, _output) => ({ n }) }),
    // @ts-expect-error and so is that of a promise
    processor({ input: Num, output: Num, process: async ({ n }, _output) => ({ n }) }),
    // @ts-expect-error no item of its codec
    processor({ input: Num, output: Num, process: ({ n }) => ({ m: n }) }),
    // @ts-expect-error its items would be numbers
    processor({ output: value<number[]>(), process: (n) => [n] }),
  ];
  expect([...good, ...bad].every((definition) => typeof definition.process === 'function')).toBe(true);
});

describe('a definition', () => {
  test('that is right has no fault, also where its parts are inherited', () => {
    class Mine {
      readonly output = i32;
      process(): void {}
    }
    expect(faultsOf(new Mine(), PROCESSOR_PARTS)).toEqual([]);
    expect(faultsOf({ write() {}, input: Num, init: undefined }, WRITER_PARTS)).toEqual([]);
  });

  test('is told all its faults at once', () => {
    const definition = {
      input: 'i32',
      output: 5,
      init: true,
      interested: {},
      process: 'x',
      get warmUp(): never {
        throw new Error('mine');
      },
    };
    expect(faultsOf(definition, PROCESSOR_PARTS)).toEqual([
      '`input` is "i32"; give a codec, such as struct({ … })',
      '`output` is 5; give a codec, such as struct({ … })',
      '`init` is true; give a function',
      '`interested` is an object; give a function',
      '`process` is "x"; give a function',
      '`warmUp` cannot be read: mine',
    ]);
    expect(faultsOf({ commit: 1 }, WRITER_PARTS)).toEqual([
      '`write` is missing; give a function',
      '`commit` is 1; give a function',
    ]);
  });
});
