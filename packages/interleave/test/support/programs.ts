import type { Words } from '../../src/atomics.ts';
import * as atomics from '../../src/atomics.ts';
import { type Model, model } from '../../src/model.ts';
import { seeded } from '../../src/search/random.ts';
import { joinThread } from '../../src/words.ts';

/** What the source text of a program may use. */
const shared = { ...atomics, joinThread };

/** One instruction of a random program. `acc` is the thread's register, the last value it read. */
type Instruction =
  | { readonly op: 'load' | 'racyLoad' | 'storeAcc' | 'plainLoad' | 'plainStore'; readonly at: number }
  | { readonly op: 'store' | 'add' | 'or' | 'and' | 'exchange'; readonly at: number; readonly value: number }
  | { readonly op: 'compareExchange'; readonly at: number; readonly expected: number; readonly value: number }
  | { readonly op: 'wait'; readonly at: number; readonly expected: number; readonly timeoutMs?: number }
  /** Awaits the wake-up at once, or after another look. */
  | {
      readonly op: 'waitAsync';
      readonly at: number;
      readonly expected: number;
      readonly timeoutMs?: number;
      readonly late: boolean;
    }
  | { readonly op: 'join'; readonly thread: number }
  | { readonly op: 'notify'; readonly at: number; readonly count: number }
  /** Runs the next instruction only if the register has this value. */
  | { readonly op: 'if'; readonly value: number }
  /** Looks for a value, a few times or for ever. */
  | {
      readonly op: 'spin';
      readonly at: number;
      readonly value: number;
      readonly rounds: number;
      readonly pauses: boolean;
    };

export type Program = readonly (readonly Instruction[])[];

/** Which instructions a random program may hold. */
export interface Taste {
  readonly waits?: boolean;
  readonly async?: boolean;
  readonly joins?: boolean;
  readonly spins?: boolean;
  readonly racy?: boolean;
  readonly plain?: boolean;
  readonly timeouts?: boolean;
  readonly maxSteps?: number;
}

export function randomProgram(seed: number, taste: Taste): Program {
  const random = seeded(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const threads = 2 + below(2);
  const locations = 1 + below(3);
  const budget = taste.maxSteps ?? 12;
  const at = () => below(locations);
  const value = () => below(3);
  const instruction = (): Instruction => {
    const kinds = [
      'load',
      'load',
      'store',
      'store',
      'storeAcc',
      'add',
      'exchange',
      'compareExchange',
      'compareExchange',
      'if',
    ];
    if (below(6) === 0) kinds.push('or', 'and');
    if (taste.waits) kinds.push('wait', 'wait', 'notify', 'notify');
    if (taste.async) kinds.push('waitAsync', 'waitAsync', 'notify');
    if (taste.joins) kinds.push('join');
    if (taste.spins) kinds.push('spin', 'spin');
    if (taste.plain) kinds.push('plainLoad', 'plainStore', 'if', 'if', 'if');
    if (taste.racy) kinds.push('racyLoad', 'racyLoad');
    const op = kinds[below(kinds.length)];
    switch (op) {
      case 'load':
      case 'racyLoad':
      case 'storeAcc':
        return { op, at: at() };
      case 'plainLoad':
      case 'plainStore':
        // A word that the atomic operations leave alone, so that not every program has a race.
        return { op, at: 3 };
      case 'compareExchange':
        return { op, at: at(), expected: value(), value: value() };
      case 'waitAsync': {
        const timeoutMs = taste.timeouts && below(2) === 0 ? 100 : undefined;
        return { op, at: at(), expected: below(2), timeoutMs, late: below(2) === 0 };
      }
      case 'join':
        return { op, thread: below(threads) };
      case 'wait':
        return { op, at: at(), expected: below(2), timeoutMs: taste.timeouts && below(2) === 0 ? 100 : undefined };
      case 'notify':
        return { op, at: at(), count: 1 + below(2) };
      case 'if':
        return { op, value: value() };
      case 'spin':
        return {
          op,
          at: at(),
          value: value(),
          rounds: below(2) === 0 ? Number.POSITIVE_INFINITY : 2,
          pauses: below(2) === 0,
        };
      default:
        return { op: op as 'store', at: at(), value: value() };
    }
  };
  const each = Math.floor(budget / threads);
  return Array.from({ length: threads }, () => Array.from({ length: 1 + below(each) }, instruction));
}

/** The program as a model; each thread returns all that it saw. */
export function programModel(name: string, program: Program): Model<Words> {
  return model({
    name,
    setup: () => shared.viewI32(shared.allocate(16)),
    threads: program.map(compile),
  });
}

/** As source text, because a spin is told from straight code by its place. */
function compile(instructions: readonly Instruction[]): (words: Words) => unknown[] {
  const lines = instructions.map((instruction) => {
    if (instruction.op === 'if') return `if (acc === ${instruction.value})`;
    return `{ const r = ${expression(instruction)}; if (typeof r === 'number') acc = r; if (r !== undefined) seen.push(r); }`;
  });
  const body = `let acc = 0; const seen = [];\n${lines.join('\n')}\n;return seen;`;
  const isAsync = instructions.some(({ op }) => op === 'waitAsync');
  const source = isAsync ? `return (async () => { ${body} })()` : body;
  const run = new Function('shared', 'w', source) as (from: typeof shared, words: Words) => unknown[];
  return (words) => run(shared, words);
}

function expression(instruction: Exclude<Instruction, { op: 'if' }>): string {
  if (instruction.op === 'join') return `shared.joinThread('${instruction.thread}')`;
  const { op, at } = instruction;
  switch (op) {
    case 'waitAsync': {
      const call = `shared.waitAsync(w, ${at}, ${instruction.expected}, ${instruction.timeoutMs})`;
      const look = instruction.late ? `seen.push(shared.load(w, ${at}));` : '';
      return `await (async () => { const s = ${call}; ${look} return s.async ? await s.value : s.value; })()`;
    }
    case 'load':
    case 'racyLoad':
      return `shared.${op}(w, ${at})`;
    case 'plainLoad':
      return `w[${at}]`;
    case 'plainStore':
      return `(w[${at}] = 1, undefined)`;
    case 'storeAcc':
      return `shared.store(w, ${at}, acc)`;
    case 'compareExchange':
      return `shared.compareExchange(w, ${at}, ${instruction.expected}, ${instruction.value})`;
    case 'wait':
      return `shared.wait(w, ${at}, ${instruction.expected}, ${instruction.timeoutMs})`;
    case 'notify':
      return `shared.notify(w, ${at}, ${instruction.count})`;
    case 'spin':
      return `(() => {
        for (let round = 0; round < ${instruction.rounds}; round++) {
          if (shared.load(w, ${at}) === ${instruction.value}) return 'found ${instruction.value}';
          ${instruction.pauses ? 'shared.pause();' : ''}
        }
        return 'gave up';
      })()`;
    default:
      return `shared.${op}(w, ${at}, ${instruction.value})`;
  }
}
