import { pathToFileURL } from 'node:url';
import type { Model } from '../model.ts';
import type { Mutant } from './mutants.ts';

/** All models that the files export, alone or in arrays; their names must differ. */
export async function loadModels(files: readonly string[]): Promise<Model[]> {
  const models = await loadAll(files, isModel);
  requireUniqueNames(models, 'model');
  if (models.length === 0) throw new Error(`no model is exported by ${files.join(', ')}`);
  return models;
}

export async function loadMutants(files: readonly string[]): Promise<Mutant[]> {
  const mutants = await loadAll(files, isMutant);
  requireUniqueNames(mutants, 'mutant');
  if (files.length > 0 && mutants.length === 0) throw new Error(`no mutant is exported by ${files.join(', ')}`);
  return mutants;
}

async function loadAll<T>(files: readonly string[], is: (value: unknown) => value is T): Promise<T[]> {
  const found = new Set<T>();
  for (const file of files) {
    const exported: Record<string, unknown> = await import(pathToFileURL(file).href);
    for (const value of Object.values(exported).flat()) if (is(value)) found.add(value);
  }
  return [...found];
}

function isModel(value: unknown): value is Model {
  const model = value as Partial<Model> | null;
  return typeof model === 'object' && typeof model?.name === 'string' && typeof model.setup === 'function';
}

function isMutant(value: unknown): value is Mutant {
  const mutant = value as Partial<Mutant> | null;
  return typeof mutant === 'object' && typeof mutant?.find === 'string' && typeof mutant.file === 'string';
}

function requireUniqueNames(list: readonly { readonly name: string }[], what: string): void {
  const names = list.map(({ name }) => name);
  const twice = names.filter((name, i) => names.indexOf(name) !== i);
  if (twice.length > 0) throw new Error(`two ${what}s have the name ${twice.join(', ')}`);
}
