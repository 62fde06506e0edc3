/**
 * Options in three stages: as given (`PipelineOptions`, `ProcessOptions`, …), checked all at once, and compiled
 * (`CompiledOptions`: every default filled in). What a call gives, its checks and its defaults stand together in a file.
 */
import type { FailurePolicy } from '../thread/failure-policy.ts';
import { badOptions } from './check-options.ts';
import { type CompiledWriter, checkDestination } from './destination-options.ts';
import { compileFailure } from './failure-options.ts';
import { checkModule } from './module-options.ts';
import { type CompiledPipeline, checkPipeline, compilePipeline, sourceFaults } from './pipeline-options.ts';
import { type CompiledProcess, checkProcess, compileProcess } from './process-options.ts';
import { checkStart } from './start-options.ts';
import type { GivenOptions } from './take-options.ts';
import { checkWrite } from './write-options.ts';

/** Everything a flow is made of, every default filled in. */
export interface CompiledOptions extends CompiledPipeline, CompiledProcess {
  readonly writer: CompiledWriter;
  readonly onError: FailurePolicy;
  readonly onNack: FailurePolicy;
}

/** Checks everything that was given, reports every fault at once, and fills in the defaults. */
export function compileOptions(given: GivenOptions): CompiledOptions {
  const faults: string[] = [...(given.faults ?? [])];
  const pipeline = checkPipeline(given.pipeline, faults);
  const process = checkProcess(given.process, faults);
  const write = checkWrite(given.write, faults);
  checkStart(given.start, faults);
  const module = checkModule('process', given.module, faults);
  const writer = checkDestination(given.destination, write, faults);
  if (pipeline !== undefined) faults.push(...sourceFaults(pipeline));
  const onError = compileFailure(process?.onError, 'stop');
  const onNack = compileFailure(write?.onNack, 'retry');
  if (pipeline?.deadLetters === undefined) {
    const without = 'pipeline.deadLetters is missing: give the function that takes what is given up';
    if (onError.otherwise === 'dead-letter') faults.push(`process.onError gives events up, and ${without}`);
    if (onNack.otherwise === 'dead-letter') faults.push(`write.onNack gives items up, and ${without}`);
  }
  if (
    pipeline === undefined ||
    process === undefined ||
    module === undefined ||
    writer === undefined ||
    faults.length > 0
  ) {
    throw badOptions(faults, given.cause);
  }
  const compiled = compilePipeline(pipeline);
  return { ...compiled, ...compileProcess(process, module, compiled.source), writer, onError, onNack };
}
