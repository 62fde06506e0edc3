/** What options have to be, and what is said where they are not. */
import * as v from 'valibot';

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

export const milliseconds = (least: number): OptionalNumber => {
  const message = (issue: v.BaseIssue<unknown>): string =>
    `is ${show(issue.input)}; give milliseconds, ${least} or more`;
  return v.optional(v.pipe(v.number(message), v.finite(message), v.minValue(least, message)));
};

/** Milliseconds of a wait that may have no end. */
export const endless = (): OptionalNumber => {
  const message = (issue: v.BaseIssue<unknown>): string =>
    `is ${show(issue.input)}; give milliseconds, 0 or more, or Infinity`;
  return v.optional(v.pipe(v.number(message), v.minValue(0, message)));
};
