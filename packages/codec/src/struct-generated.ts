/**
 * Writes the code of a struct as text and compiles it, once per struct. With the field names, offsets and arrays as literals
 * the engine turns a write or a read into a handful of machine stores or loads, and drops the object that `read` returns
 * when nothing keeps it: 4.5 ns to write four fields, where the interpreted form takes 200 (bench/struct.mjs, Node 20).
 *
 * Only three things go into the text: numbers computed by layout.ts, type names from a closed list, and field names through
 * JSON.stringify, as string literals. Nothing of a name can be taken for code.
 */
import type { FieldSchema } from './schema.ts';
import {
  INSPECT,
  type PlacedField,
  refuseAssignment,
  refuseSpread,
  refuseUnreadable,
  type StructCode,
} from './struct-code.ts';

/** Gives the expression of the array element that holds a field, for elements of 2^shift bytes; `word` counts from there. */
type Element = (array: string, shift: number, word?: number) => string;

interface Snippet {
  /** True for every bad value `x`, and perhaps for a good one: the codec's own `check` has the last word. */
  readonly suspect: (x: string) => string;
  readonly store: (at: Element, x: string) => string;
  readonly load: (at: Element) => string;
}

const notNumber = (x: string): string => `typeof ${x} !== 'number'`;

/** A number type that one element of one array holds. */
function element(array: string, shift: number, suspect: Snippet['suspect']): Snippet {
  return { suspect, store: (at, x) => `${at(array, shift)} = ${x}`, load: (at) => at(array, shift) };
}

const SNIPPETS: { readonly [T in Exclude<FieldSchema['type'], 'text'>]: Snippet } = {
  u8: element('u8', 0, (x) => `${notNumber(x)} || (${x} & 255) !== ${x}`),
  i8: element('i8', 0, (x) => `${notNumber(x)} || (${x} << 24 >> 24) !== ${x}`),
  u16: element('u16', 1, (x) => `${notNumber(x)} || (${x} & 65535) !== ${x}`),
  i16: element('i16', 1, (x) => `${notNumber(x)} || (${x} << 16 >> 16) !== ${x}`),
  // From 2^31 on a value is suspect: `x >>> 0` would take all in one compare, and leave small integers for it.
  u32: element('u32', 2, (x) => `${notNumber(x)} || (${x} | 0) !== ${x} || ${x} < 0`),
  i32: element('i32', 2, (x) => `${notNumber(x)} || (${x} | 0) !== ${x}`),
  f32: element('f32', 2, (x) => `${notNumber(x)} || !(${x} < 3.4e38 && ${x} > -3.4e38)`),
  f64: element('f64', 3, notNumber),
  i64: element('i64', 3, () => 'true'),
  u64: element('u64', 3, () => 'true'),
  bool: {
    suspect: (x) => `typeof ${x} !== 'boolean'`,
    store: (at, x) => `${at('u8', 0)} = ${x} ? 1 : 0`,
    load: (at) => `${at('u8', 0)} !== 0`,
  },
  safeInt: {
    suspect: (x) => `!Number.isSafeInteger(${x})`,
    store: (at, x) => `${at('i32', 2)} = ${x} | 0; ${at('i32', 2, 1)} = Math.floor(${x} / 4294967296)`,
    load: (at) => `${at('i32', 2, 1)} * 4294967296 + ${at('u32', 2)}`,
  },
};

const ARRAYS = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'f32', 'f64', 'i64', 'u64'];

/** Undefined where Node forbids code generation from strings (a process option, or a policy of the embedder). */
export function generateStruct(fields: readonly PlacedField[], size: number, align: number): StructCode | undefined {
  let build: (...args: unknown[]) => StructCode;
  try {
    build = new Function(
      'codecs',
      'refuseUnreadable',
      'refuseAssignment',
      'refuseSpread',
      'INSPECT',
      sourceOf(fields, size, align),
    ) as typeof build;
  } catch (error) {
    if ((error as Error).name === 'EvalError') return undefined;
    throw error;
  }
  return build(
    fields.map((field) => field.codec),
    refuseUnreadable,
    refuseAssignment,
    refuseSpread,
    INSPECT,
  );
}

/** The text of a function body that gives the parts of a StructCode. */
function sourceOf(fields: readonly PlacedField[], size: number, align: number): string {
  const parts = fields.map(fieldCode);
  const each = (part: (field: FieldCode) => string): string => parts.map(part).join('\n    ');
  const used = ARRAYS.filter((array) => parts.some((field) => field.arrays.has(array)));
  const locals = used.map((array) => `const ${array} = memory.${array};`).join(' ');
  // Accessors go by computed key, so that a field may have any name, `constructor` and `moveTo` too. The row's own state is
  // private for the same reason. A field called toJSON comes later and replaces the method.
  return `'use strict';
  ${parts.map((_, i) => `const c${i} = codecs[${i}];`).join(' ')}
  function write(memory, o, value) {
    let ${parts.map((field) => field.local).join(', ')};
    try {
    ${each((field) => `${field.local} = value[${field.key}];`)}
    } catch (cause) { refuseUnreadable(value, cause); }
    ${each((field) => field.check(field.local))}
    ${locals}
    ${each((field) => `${field.store(field.local)};`)}
  }
  function read(memory, o) {
    ${locals}
    return {
    ${each((field) => `${field.key}: ${field.load},`)}
    };
  }
  ${rowClass('Row', parts, used, (field) => `${field.check('x')} ${field.rowLocals} ${field.store('x')};`, zeroing(size, align))}
  ${rowClass('ReadOnlyRow', parts, used, (field) => `refuseAssignment(${field.key});`, '')}
  Object.freeze(ReadOnlyRow.prototype);
  return { write, read, view: Row.over, readOnlyView: ReadOnlyRow.over, writableView: Row.writable };`;
}

/** Stores that are written out one by one to zero a slot; larger slots are filled by a call. */
const MOST_ZERO_STORES = 16;

/** The text that zeroes the slot at `o` of `memory`. */
function zeroing(size: number, align: number): string {
  if (size / align > MOST_ZERO_STORES) return `memory.u8.fill(0, o, o + ${size});`;
  const array = { 1: 'u8', 2: 'u16', 4: 'i32', 8: 'f64' }[align];
  const stores = Array.from({ length: size / align }, (_, i) => `zeros[at + ${i}] = 0;`);
  return `const zeros = memory.${array}, at = o >> ${Math.log2(align)}; ${stores.join(' ')}`;
}

/**
 * The text of a class of views. Nothing can be added to one that is read-only, or that fills slots: it would be there for the
 * next event as well.
 */
function rowClass(
  name: 'Row' | 'ReadOnlyRow',
  parts: readonly FieldCode[],
  used: readonly string[],
  set: (field: FieldCode) => string,
  zero: string,
): string {
  const each = (part: (field: FieldCode) => string): string => parts.map(part).join('\n    ');
  const made = `refuseSpread(new ${name}(memory))`;
  const row = name === 'Row' ? made : `Object.preventExtensions(${made})`;
  const lie = (on: string, memory: string): string =>
    [`${on}.#memory = ${memory};`, ...used.map((array) => `${on}.#${array} = ${memory}.${array};`)].join(' ');
  const writable = `static writable(memory, scratch) {
      const row = Object.preventExtensions(refuseSpread(new Row(memory)));
      return {
        moveTo(o) { if (row.#memory !== memory) { ${lie('row', 'memory')} } ${zero} row.#o = o; return row; },
        park() { ${lie('row', 'scratch')} row.#o = 0; },
      };
    }`;
  return `class ${name} {
    ${used.map((array) => `#${array};`).join(' ')} #memory; #o = 0;
    constructor(memory) { ${lie('this', 'memory')} }
    toJSON() { return read(this.#memory, this.#o); }
    [INSPECT]() { return read(this.#memory, this.#o); }
    ${each((field) => `get [${field.key}]() { ${field.rowLocals} return ${field.load}; }`)}
    ${each((field) => `set [${field.key}](x) { ${set(field)} }`)}
    static over(memory) {
      const row = ${row};
      return { moveTo(offset) { row.#o = offset; return row; } };
    }
    ${name === 'Row' ? writable : ''}
  }`;
}

interface FieldCode {
  readonly key: string;
  readonly local: string;
  /** The arrays that `store` and `load` use. */
  readonly arrays: ReadonlySet<string>;
  /** Inside an accessor of the row: gives `o` and the arrays the names which they have in `write` and `read`. */
  readonly rowLocals: string;
  check(x: string): string;
  store(x: string): string;
  readonly load: string;
}

function fieldCode({ name, offset, codec: { schema } }: PlacedField, i: number): FieldCode {
  const key = JSON.stringify(name);
  const local = `x${i}`;
  if (schema.type === 'text') {
    const place = `memory, o + ${offset}`;
    return {
      key,
      local,
      arrays: new Set(),
      rowLocals: 'const o = this.#o, memory = this.#memory;',
      check: (x) => `c${i}.check(${x}, ${key});`,
      store: (x) => `c${i}.store(${place}, ${x})`,
      load: `c${i}.read(${place})`,
    };
  }
  const snippet = SNIPPETS[schema.type];
  const arrays = new Set<string>();
  const at: Element = (array, shift, word = 0) => {
    arrays.add(array);
    const bytes = offset + word * 2 ** shift;
    return `${array}[${bytes === 0 ? 'o' : `(o + ${bytes})`} >> ${shift}]`;
  };
  const load = snippet.load(at);
  snippet.store(at, 'x'); // collects its arrays
  return {
    key,
    local,
    arrays,
    load,
    rowLocals: `const o = this.#o, ${[...arrays].map((array) => `${array} = this.#${array}`).join(', ')};`,
    check: (x) => `if (${snippet.suspect(x)}) c${i}.check(${x}, ${key});`,
    store: (x) => snippet.store(at, x),
  };
}
