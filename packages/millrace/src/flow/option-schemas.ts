/** What options have to be, and what is said where they are not. */
import type { Codec } from '@millrace/codec';
import * as v from 'valibot';

/** What options are given in: no array, no Map, and nothing else that would be taken for one without any. */
export const isObject = (value: unknown): boolean => Object.prototype.toString.call(value) === '[object Object]';

export const anObject: v.GenericSchema<object> = v.custom<object>(
  isObject,
  (issue) => `is ${show(issue.input)}; give an object`,
);

/** A number that may be left out. */
export type OptionalNumber = v.OptionalSchema<v.GenericSchema<number>, undefined>;

export const show = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}…` : value);
  return typeof value === 'object' && value !== null ? Object.prototype.toString.call(value) : String(value);
};

export const integer = (least: number, most: number, why = ''): OptionalNumber => {
  const message = (issue: v.BaseIssue<unknown>): string =>
    `is ${show(issue.input)}; give an integer from ${least} to ${most}${why}`;
  return v.optional(
    v.pipe(v.number(message), v.integer(message), v.minValue(least, message), v.maxValue(most, message)),
  );
};

export const milliseconds = (least: number, most: number = Number.MAX_VALUE): OptionalNumber => {
  const range = most === Number.MAX_VALUE ? `${least} or more` : `from ${least} to ${most}`;
  const message = (issue: v.BaseIssue<unknown>): string => `is ${show(issue.input)}; give milliseconds, ${range}`;
  return v.optional(
    v.pipe(v.number(message), v.finite(message), v.minValue(least, message), v.maxValue(most, message)),
  );
};

/** One of two words. */
export const picked = <A extends string, B extends string>(
  a: A,
  b: B,
): v.OptionalSchema<v.GenericSchema<A | B>, undefined> =>
  v.optional(v.picklist([a, b], (issue) => `is ${show(issue.input)}; give '${a}' or '${b}'`));

export const aFunction = <F>(): v.OptionalSchema<v.GenericSchema<F>, undefined> =>
  v.optional(
    v.custom<F>(
      (input) => typeof input === 'function',
      (issue) => `is ${show(issue.input)}; give a function`,
    ),
  );

/** Milliseconds of a wait that may have no end. */
export const endless = (): OptionalNumber => {
  const message = (issue: v.BaseIssue<unknown>): string =>
    `is ${show(issue.input)}; give milliseconds, 0 or more, or Infinity`;
  return v.optional(v.pipe(v.number(message), v.minValue(0, message)));
};

export const text: v.OptionalSchema<v.GenericSchema<string>, undefined> = v.optional(
  v.string((issue) => `is ${show(issue.input)}; give a string`),
);

/** A codec of any kind; `remedy` says which one to give. */
export const codec = (remedy: string): v.GenericSchema<Codec<unknown, never>> =>
  v.custom<Codec<unknown, never>>(isCodec, (issue) => `is ${show(issue.input)}; ${remedy}`);

/** Of any realm or package. */
export function isCodec(value: unknown): value is Codec<unknown, never> {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, schema } = value as { kind?: unknown; schema?: unknown };
  return (kind === 'fixed' || kind === 'variable') && typeof schema === 'object';
}
