/** Checks what was given against a schema, and puts every fault down in words. */
import * as v from 'valibot';
import { MillraceError } from '../thread/errors.ts';
import { isObject, show } from './option-schemas.ts';

/** What was given, where it is without fault; `where` names the call. */
export function check<S extends v.GenericSchema>(
  where: string,
  schema: S,
  given: unknown,
  faults: string[],
): v.InferOutput<S> | undefined {
  if (given !== undefined && !isObject(given)) {
    faults.push(`${where} got ${show(given)}; give an object with options`);
    return undefined;
  }
  const result = v.safeParse(schema, given ?? {}, { abortPipeEarly: true });
  if (result.success) return result.output;
  for (const issue of result.issues) {
    const path = v.getDotPath(issue) ?? '';
    if (issue.type === 'strict_object' && issue.expected === 'never') {
      const known = Object.keys((schema as unknown as { entries: object }).entries).join(', ');
      faults.push(`${where}.${path} is not an option; the options are: ${known}`);
    } else if (issue.type === 'strict_object') {
      faults.push(`${where}${path === '' ? '' : `.${path}`} is missing, or not an object: ${issue.message}`);
    } else faults.push(`${where}.${path} ${issue.message}`);
  }
  return undefined;
}

export function badOptions(faults: readonly string[], cause: unknown): MillraceError {
  const count = faults.length === 1 ? 'one option' : `${faults.length} options`;
  return new MillraceError(
    'BAD_OPTIONS',
    `${count} cannot be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    { cause },
  );
}
