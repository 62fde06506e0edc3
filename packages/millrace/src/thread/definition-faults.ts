/** What is wrong with the parts of a user's definition, of a processor or of a writer: all of it, for one message. */
import { messageOf } from './thrown.ts';

/** What a part has to be; those that end in `?` may be left out. */
export type PartKind = 'function' | 'function?' | 'codec?' | 'boolean?';

export function faultsOf(definition: object, parts: Readonly<Record<string, PartKind>>): string[] {
  const faults: string[] = misspelt(definition, Object.keys(parts));
  for (const [name, kind] of Object.entries(parts)) {
    const fault = faultOf(definition, name, kind);
    if (fault !== undefined) faults.push(`\`${name}\` ${fault}`);
  }
  return faults;
}

/**
 * Functions whose names are a letter away from that of a part. What else a definition has is its user's: methods may say `this`.
 * (Options that are numbers have names that a user's own counter may be near to.)
 */
function misspelt(definition: object, parts: readonly string[]): string[] {
  return Object.keys(definition).flatMap((name) => {
    if (parts.includes(name) || faultOf(definition, name, 'function') !== undefined) return [];
    const meant = parts.find((part) => isNear(name.toLowerCase(), part.toLowerCase()));
    return meant === undefined ? [] : [`\`${name}\` is no part of it; did you mean \`${meant}\`?`];
  });
}

/** The same, or with one letter more, less or other, or two in turn. */
function isNear(a: string, b: string): boolean {
  let from = 0;
  while (from < a.length && a[from] === b[from]) from++;
  let rest = 0;
  while (rest < Math.min(a.length, b.length) - from && a.at(-1 - rest) === b.at(-1 - rest)) rest++;
  const [left, right] = [a.slice(from, a.length - rest), b.slice(from, b.length - rest)];
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}

function faultOf(definition: object, name: string, kind: PartKind): string | undefined {
  try {
    const part = (definition as Readonly<Record<string, unknown>>)[name];
    if (kind.endsWith('?') && part === undefined) return undefined;
    if (kind === 'codec?') return isCodec(part) ? undefined : `is ${show(part)}; give a codec, such as struct({ … })`;
    if (kind === 'boolean?') return typeof part === 'boolean' ? undefined : `is ${show(part)}; give true or false`;
    if (typeof part === 'function') return undefined;
    return part === undefined ? 'is missing; give a function' : `is ${show(part)}; give a function`;
  } catch (error) {
    return `cannot be read: ${messageOf(error)}`;
  }
}

function isCodec(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, schema, write, read } = value as Readonly<Record<string, unknown>>;
  const isKnown = kind === 'fixed' || kind === 'variable';
  return (
    isKnown &&
    typeof schema === 'object' &&
    schema !== null &&
    typeof write === 'function' &&
    typeof read === 'function'
  );
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  return Array.isArray(value) ? 'an array' : 'an object';
}
