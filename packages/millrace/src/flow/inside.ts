import { setImmediate } from 'node:timers/promises';
import { CAUSES } from '../thread/causes.ts';
import { type Control, WRITER } from '../thread/control-block.ts';
import { MillraceError } from '../thread/errors.ts';

/** The flow whose function is on the stack now, known by its options. */
let caller: object | undefined;

/**
 * A function of the user's for which a flow waits, so that calls made by it are known as such until its first `await`. What
 * comes after one is not (hot path rule 2): such a call is told by the stall alarm.
 */
export function inside<Argument, Result>(
  flow: object,
  call: (argument: Argument) => Result,
): (argument: Argument) => Result {
  return (argument) => {
    const before = caller;
    caller = flow;
    try {
      return call(argument);
    } finally {
      caller = before;
    }
  };
}

/**
 * A call that waits for everything to be delivered, made by code for which the flow waits itself, would never return. Rejects
 * where that is so; resolves at once for calls from elsewhere, and after a turn of the event loop for one whose result nobody
 * of the flow's waits for.
 */
export function expectOutside(
  flow: object,
  call: string,
  control: Control,
  letters: () => number,
): Promise<void> | undefined {
  return caller === flow ? expectUnawaited(call, control, letters) : undefined;
}

async function expectUnawaited(call: string, control: Control, letters: () => number): Promise<void> {
  // The function that made this call returns meanwhile. Is there a promise of its own that the flow waits for?
  await setImmediate();
  const isWriting = control.loadWaiting(WRITER).cause === CAUSES.ack;
  if (!isWriting && letters() === 0) return;
  const where = isWriting ? 'the writer function' : '`deadLetters`';
  throw new MillraceError(
    'WAITS_FOR_ITSELF',
    `${call} inside ${where} waits for what is delivered when ${where} has returned, and so for itself: call it elsewhere, ` +
      'or do not await it here',
  );
}
