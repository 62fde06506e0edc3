import { describeSchema, type Schema, sameSchema } from '@millrace/codec';
import type { Declaration } from '../thread/declaration.ts';
import { MillraceError } from '../thread/errors.ts';

/** What a thread has loaded from which module. */
export interface Loaded {
  readonly thread: string;
  readonly url: string | undefined;
  readonly declaration: Declaration;
}

/** Throws where a thread has loaded something else than the first thread of its kind: its items would be garbage to the others. */
export function expectSameDeclaration(first: Loaded, now: Loaded): void {
  for (const name of ['input', 'output'] as const) {
    const [was, is] = [first.declaration[name], now.declaration[name]];
    if (was === is || (was !== undefined && is !== undefined && sameSchema(was, is))) continue;
    throw differs('CODEC_MISMATCH', first, now, name, describe(was), describe(is));
  }
  for (const [name, was] of Object.entries(first.declaration.parts)) {
    const is = now.declaration.parts[name] ?? 'absent';
    if (was !== is) throw differs('BAD_MODULE', first, now, name, was, is);
  }
}

const describe = (schema: Schema | undefined): string => (schema === undefined ? 'absent' : describeSchema(schema));

function differs(
  code: 'CODEC_MISMATCH' | 'BAD_MODULE',
  first: Loaded,
  now: Loaded,
  name: string,
  was: string,
  is: string,
): MillraceError {
  const before = first.thread === now.thread ? 'the thread before it' : first.thread;
  return new MillraceError(
    code,
    `${now.thread} loaded ${now.url}, whose \`${name}\` is ${is}; for ${before}, it was ${was}: a module has to declare the ` +
      'same on every thread. Do not replace the files of a flow that runs: stop it first, and start it again',
    { thread: now.thread },
  );
}
