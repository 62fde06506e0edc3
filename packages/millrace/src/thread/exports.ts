/** Looking for an export, also of CommonJS that a compiler made of ES modules. */

import { types } from 'node:util';

type Exports = Readonly<Record<string, unknown>>;

/** `module.exports`, and what a compiler put into it, are each the `default` of the level above. */
const MOST_LEVELS = 3;

/** The export of that name which `is` accepts, or what has the name. */
export function exportOf(exports: Exports, name: string, is: (value: unknown) => boolean): unknown {
  const found = levelsOf(exports)
    .filter((level) => name in level)
    .map((level) => level[name]);
  return found.find(is) ?? found[0];
}

/** What a module exports, for an error: names, each with what it is. */
export function describeExports(exports: Exports): string {
  const seen: string[] = [];
  for (const [depth, level] of levelsOf(exports).entries()) {
    for (const [name, value] of Object.entries(level)) {
      if (name === '__esModule') continue;
      seen.push(`${'default.'.repeat(depth)}${name} (${describe(value)})`);
    }
    // An ES module's own default is shown by its parts.
    if (!isCommonJs(level)) break;
  }
  return seen.slice(0, MOST_NAMES).join(', ') || 'nothing';
}
const MOST_NAMES = 20;

function levelsOf(exports: Exports): Exports[] {
  const levels = [exports];
  for (let at: unknown = exports.default; levels.length < MOST_LEVELS && isExports(at); at = at.default) {
    levels.push(at);
  }
  return levels;
}

const isExports = (value: unknown): value is Exports => typeof value === 'object' && value !== null;

/** Its `default` is the `module.exports` of a compiler's output. */
const isCommonJs = ({ default: exported }: Exports): boolean => isExports(exported) && '__esModule' in exported;

function describe(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  if (types.isPromise(value)) return 'a promise';
  if (!isExports(value)) return value === null || value === undefined ? String(value) : `a ${typeof value}`;
  for (const kind of ['processor', 'writer']) if (Symbol.for(`millrace.${kind}`) in value) return `a ${kind}`;
  const names = Object.keys(value).slice(0, 5).join(', ');
  return names === '' ? 'an empty object' : `an object with ${names}`;
}
