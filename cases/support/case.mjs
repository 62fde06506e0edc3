/** What the programs share. */

/** The mode in which this program is to run: `threads` or `inline`. */
export const mode = process.argv[2] ?? 'threads';

/** All that an async iterable gives. */
export async function collect(items) {
  const all = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What the promise rejects with; throws where it resolves. */
export async function rejection(promise) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`it resolved, to ${String(value)}`);
}

/** Resolves when the condition holds. */
export async function until(condition, what = String(condition)) {
  const began = performance.now();
  while (!(await condition())) {
    if (performance.now() - began > 30_000) throw new Error(`this did not come true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
