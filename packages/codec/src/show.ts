const SHOWN_CHARACTERS = 60;

/**
 * A short text that tells a reader which value it was. Never longer than about 80 characters, never throws, and never
 * runs code of the value (no toString, no getter), because it is called for values that are already known to be wrong.
 */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > SHOWN_CHARACTERS
        ? `${JSON.stringify(value.slice(0, SHOWN_CHARACTERS))}… (${value.length} characters)`
        : JSON.stringify(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      // Printing a huge one takes time that grows with the square of its length.
      return BigInt.asIntN(128, value) === value ? `${value}n` : 'a bigint of more than 128 bits';
    case 'function':
      return 'a function';
    case 'symbol':
      return 'a symbol';
    case 'object':
      return showObject(value);
    default:
      return String(value);
  }
}

function showObject(value: object | null): string {
  if (value === null) return 'null';
  try {
    if (Array.isArray(value)) return `an array of ${value.length}`;
    if (ArrayBuffer.isView(value)) return `a view of ${value.byteLength} bytes`;
    const constructor = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(value) ?? {}, 'constructor')?.value;
    const name = typeof constructor === 'function' && Object.getOwnPropertyDescriptor(constructor, 'name')?.value;
    return typeof name === 'string' && name !== '' && name !== 'Object'
      ? `an instance of ${name.slice(0, SHOWN_CHARACTERS)}`
      : 'an object';
  } catch {
    return 'an object that cannot be inspected'; // a Proxy whose traps throw
  }
}

/** `of field "name"`, or nothing when the value is no field. */
export function ofField(field: string | undefined): string {
  return field === undefined ? '' : ` of field ${show(field)}`;
}
