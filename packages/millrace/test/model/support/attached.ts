/**
 * Handles that were attached before the threads of a model begin.
 *
 * A body is run many times from its start. Attaching in the body would be right, and is done where joining is what a model
 * is about; elsewhere its loads would only multiply the interleavings. So `setup` makes the handles, and each run of a body
 * begins with their private fields (cached cursors, open claims, …) put back to what they were after attaching. Shared
 * memory is the checker's to put back.
 */
export function attached<T extends object>(handles: T): () => T {
  const saved: { object: Fields; fields: Fields }[] = [];
  const arrays: { array: Int32Array; values: Int32Array }[] = [];
  const seen = new Set<object>();
  const save = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value) || isShared(value)) return;
    seen.add(value);
    if (value instanceof TypedArray) {
      // The thread's own: a writer's place in its lanes, say.
      if (!(value.buffer instanceof SharedArrayBuffer)) arrays.push({ array: value, values: value.slice() });
      return;
    }
    const fields = { ...(value as Fields) };
    saved.push({ object: value as Fields, fields });
    for (const field of Object.values(fields)) save(field);
  };
  save(handles);
  return () => {
    for (const { object, fields } of saved) {
      // A field that the last run added would be taken for one of this run.
      for (const name of Object.keys(object)) if (!Object.hasOwn(fields, name)) delete object[name];
      if (Array.isArray(object)) object.length = Object.keys(fields).length;
      Object.assign(object, fields);
    }
    for (const { array, values } of arrays) array.set(values);
    return handles;
  };
}

type Fields = Record<string, unknown>;

const TypedArray = Object.getPrototypeOf(Int32Array) as typeof Int32Array;
const isShared = (value: object): boolean => value instanceof SharedArrayBuffer || value instanceof Promise;

/** Fails an execution. */
export function expect(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message);
}

/** Two lists of numbers, compared; `what` says of what. */
export function expectSame(what: string, got: readonly unknown[], wanted: readonly unknown[]): void {
  expect(String(got) === String(wanted), `${what}: ${String(got) || 'nothing'}, wanted ${String(wanted) || 'nothing'}`);
}
