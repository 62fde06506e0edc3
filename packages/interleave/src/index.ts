export { check, type Report } from './check.ts';
export type { Failure, FailureKind } from './machine/failure.ts';
export { type Ending, type Model, model, type ThreadBody } from './model.ts';
export type { Options } from './options.ts';
