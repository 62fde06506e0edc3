import type { Schema } from '@millrace/codec';

/** What a user's module declares, as plain data: it has to be the same on every thread that loads the module. */
export interface Declaration {
  /** Schema of `input` and of `output`; undefined where there is none. */
  readonly input: Schema | undefined;
  readonly output: Schema | undefined;
  /** Each other part of the definition, in words: "a function", "absent", or its value. */
  readonly parts: Readonly<Record<string, string>>;
}

/** The parts of that name, in words. What functions do is the user's affair; `process` means another thing with fewer parameters. */
export function describeParts(definition: object, names: readonly string[]): Declaration['parts'] {
  return Object.fromEntries(names.map((name) => [name, describe((definition as Record<string, unknown>)[name])]));
}

function describe(part: unknown): string {
  if (part === undefined) return 'absent';
  return typeof part === 'function' ? `a function with length ${part.length}` : String(part);
}
