import type { Choice } from '../search/exploration.ts';

/**
 * A schedule as a short text, made for copying: a letter per thread (`a` is the first one), a number when it does several
 * steps in a row, and a capital letter when a step went another way than usual: `a3baDb2`.
 *
 * D dies · W falls asleep and dies there · S falls asleep and wakes for nothing · A, B, C, … further choices
 */
const VARIANTS = '\0DWSABCEFGHIJKLMNOPQRTUVXYZ';

export function formatSchedule(choices: readonly Choice[]): string {
  let text = '';
  for (let i = 0; i < choices.length; ) {
    const { thread, variant } = choices[i];
    const name = String.fromCharCode(97 + thread);
    let length = 1;
    if (variant > 0) {
      text += `${name}${VARIANTS[variant] ?? `(${variant})`}`;
    } else {
      while (choices[i + length]?.thread === thread && choices[i + length].variant === 0) length++;
      text += length === 1 ? name : `${name}${length}`;
    }
    i += length;
  }
  return text;
}

/** The choices of a schedule; throws a SyntaxError for what is none. */
export function parseSchedule(text: string): Choice[] {
  const choices: Choice[] = [];
  const token = /([a-h])(?:(\d+)|([A-Z])|\((\d+)\))?/y;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (match === null) throw new SyntaxError(`no schedule: ${text.slice(at, at + 10)}… at character ${at}`);
    const thread = match[1].charCodeAt(0) - 97;
    if (match[3] !== undefined || match[4] !== undefined) {
      choices.push({ thread, variant: match[3] !== undefined ? VARIANTS.indexOf(match[3]) : Number(match[4]) });
    } else {
      for (let i = 0; i < Number(match[2] ?? 1); i++) choices.push({ thread, variant: 0 });
    }
  }
  return choices;
}
