import { i32, processor } from 'millrace';

let told;
const init = ({ data }) => {
  told = new Int32Array(data);
};
const turns = async (count) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** An emit that comes late is told of which sequence the output was. */
async function lateEmit(n, output) {
  const { sequence } = output;
  await turns(2);
  try {
    output.emit(1_000_000 + n);
  } catch (error) {
    const says = error.code === 'EMIT_REFUSED' && error.sequence === sequence && output.sequence === sequence;
    if (says && / attempt [12]\b/.test(error.message)) Atomics.add(told, 0, 1);
  }
}

async function part(n, half, output) {
  if (n % 10 === 3) {
    if (half === 0) throw new Error('one part fails');
    return await lateEmit(n, output);
  }
  await turns(1);
  output.emit(2 * n + half);
}

export const parts = processor({
  input: i32,
  output: i32,
  init,
  async process(n, output) {
    if (n % 10 === 3) await Promise.all([part(n, 0, output), part(n, 1, output)]);
    await part(n, 0, output);
    await part(n, 1, output);
    // Time for what is late.
    if (n % 10 === 9) await turns(5);
  },
});

/** The await is missing: the microtask runs when no event is in work. */
export const forgotten = processor({
  input: i32,
  output: i32,
  init,
  process(n, output) {
    output.emit(n);
    if (n % 7 !== 0) return;
    void Promise.resolve().then(() => {
      try {
        output.emit(1_000_000 + n);
      } catch (error) {
        if (error.code === 'EMIT_REFUSED' && /no event in work/.test(error.message)) Atomics.add(told, 0, 1);
      }
    });
  },
});
