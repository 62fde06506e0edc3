import type { Suite } from './suites/suite.ts';

/**
 * The suites that a command line asks for: those that it names, or all; with `only`, those of them that have one of these
 * contenders. Throws for a suite or a contender that does not exist: what is misspelt must not run something else.
 */
export function chooseSuites(
  suites: readonly Suite[],
  names: readonly string[],
  only: readonly string[],
): readonly Suite[] {
  const unknown = names.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined) throw new Error(`no suite "${unknown}"; there are ${listOf(suites)}`);
  const named = names.length === 0 ? suites : suites.filter((suite) => names.includes(suite.name));
  if (only.length === 0) return named;
  const stranger = only.find((name) => !named.some((suite) => suite.contenders().includes(name)));
  if (stranger !== undefined) throw new Error(strangerText(stranger, suites, named));
  return named.filter((suite) => suite.contenders().some((name) => only.includes(name)));
}

function strangerText(name: string, suites: readonly Suite[], named: readonly Suite[]): string {
  if (suites.some((suite) => suite.name === name)) {
    return `--only takes contenders, and "${name}" is a suite: name suites in front of --only`;
  }
  const contenders = [...new Set(named.flatMap((suite) => suite.contenders()))].sort();
  return `no contender "${name}" in ${listOf(named)}; there are ${contenders.join(', ') || 'none'}`;
}

const listOf = (suites: readonly Suite[]): string => suites.map(({ name }) => name).join(', ');
