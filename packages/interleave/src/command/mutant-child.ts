import { check } from '../check.ts';
import { loadModels } from './load.ts';
import { LOADED } from './module-hooks.ts';
import { registerHooks } from './module-setup.ts';
import type { ChildAnswer, Mutant } from './mutants.ts';

/** The process of one mutant (see mutants.ts): changes the module, then runs the models until one fails. */
const { mutant, models: files } = JSON.parse(process.argv[2]) as { mutant: Mutant; models: string[] };

async function run(): Promise<ChildAnswer> {
  registerHooks(mutant);
  const models = await loadModels(files);
  const loaded = (globalThis as { [key: symbol]: number | undefined })[Symbol.for(LOADED)] ?? 0;
  if (loaded !== 1) {
    return { rejected: false, why: `mutant does not apply: ${loaded} modules end with ${mutant.file}, not one` };
  }
  for (const name of mutant.models) {
    const model = models.find((candidate) => candidate.name === name);
    if (model === undefined) return { rejected: false, why: `no model has the name ${name}` };
    const { failure } = await check(model);
    if (failure !== null)
      return { rejected: true, why: `${name}: ${failure.kind}, schedule ${failure.schedule || 'empty'}` };
  }
  return { rejected: false, why: `${mutant.models.join(', ')} found nothing wrong` };
}

let answer: ChildAnswer;
try {
  answer = await run();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  answer = { rejected: false, why: message };
}
process.stdout.write(`${JSON.stringify(answer)}\n`);
