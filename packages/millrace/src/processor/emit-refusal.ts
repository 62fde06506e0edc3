import { MillraceError } from '../thread/errors.ts';

/** Why an output takes no item. */
export type Shut = 'between' | 'interested' | 'ended' | 'nested' | 'unsteady' | 'torn' | 'claimed';

/** The error for an `emit` that is not taken. `sequence`: of the event that is, or was last, in work; `attempt`: from 1. */
export function refusedEmit(why: Shut, sequence: number, attempt: number): MillraceError {
  return new MillraceError('EMIT_REFUSED', TEXTS[why](sequence, attempt), { sequence });
}

const TEXTS: { readonly [W in Shut]: (sequence: number, attempt: number) => string } = {
  between: (sequence) =>
    `emit while this thread has no event in work; the last one was sequence ${sequence}. Where \`process\` begins something ` +
    'that emits later, let it return a promise that settles after the last emit',
  interested: (sequence) => `emit in \`interested\`, which was asked about sequence ${sequence}: emit in \`process\``,
  ended: (sequence, attempt) =>
    `emit to the output of sequence ${sequence}, attempt ${attempt}, which has ended: await everything that emits before ` +
    '`process` returns or its promise settles, also where a part of it fails (Promise.allSettled and not Promise.all)',
  nested: (sequence) =>
    `emit in the middle of an emit, of sequence ${sequence}: a getter of the item that is being written emits. Emit plain ` +
    'values, and emit one after the other',
  unsteady: (sequence) =>
    `an item of sequence ${sequence} takes more bytes each time it is read: it has a getter that gives something else each ` +
    'time. Emit plain values',
  claimed: (sequence) =>
    `a claim of sequence ${sequence} is open: call commit with the number of items that are filled before the next emit, next ` +
    'or claim, and before the event ends',
  torn: (sequence) =>
    `an exception inside emit was caught by \`process\`, a stack overflow most likely, and items of sequence ${sequence} are ` +
    'lost with it: let the exception pass, and emit from less deep in the stack',
};
