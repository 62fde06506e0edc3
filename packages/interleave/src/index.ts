export { check, type Report, type ReportedFailure } from './check.ts';
export { type Mutant, type MutantOptions, type MutantResult, mutants, runMutants } from './command/mutants.ts';
export { formatReport, type RunOptions, runModels } from './command/run-models.ts';
export type { Failure, FailureKind } from './machine/failure.ts';
export type { Change, Claim, ClaimOptions, Owner, Rule } from './machine/owners.ts';
export { type Ending, type Model, model, type ThreadBody } from './model.ts';
export type { Options } from './options.ts';
export { type Replay, replay } from './replay.ts';
export { claim, joinThread, label, own } from './words.ts';
