import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import { CAUSES } from '../thread/causes.ts';
import { type Control, WRITER } from '../thread/control-block.ts';
import { MillraceError } from '../thread/errors.ts';

/** Of the code that a flow calls on its own thread: that flow. */
const caller = new AsyncLocalStorage<object>();

/** Runs code that the flow waits for, and all that follows from it. */
export const runInside = <T>(flow: object, run: () => T): T => caller.run(flow, run);

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
  return caller.getStore() === flow ? expectUnawaited(call, control, letters) : undefined;
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
