import { setImmediate } from 'node:timers/promises';
import { ANY } from 'native-free-rings';
import { CAUSES } from './causes.ts';
import type { Control } from './control-block.ts';

/** Resolves after `ms` milliseconds, or when the flow is being stopped. The thread serves its event loop meanwhile. */
export async function pauseFor(control: Control, thread: number, ms: number): Promise<void> {
  // A thread that tries again at once, again and again, still serves its event loop.
  if (ms <= 0) return void (await setImmediate());
  const sleeper = control.eventcount(thread);
  const until = performance.now() + ms;
  for (;;) {
    const armed = sleeper.arm(CAUSES.backoff, ANY);
    const left = until - performance.now();
    if (left <= 0 || control.isStopping()) {
      sleeper.disarm(armed);
      return;
    }
    await sleeper.sleepAsync(armed, left);
  }
}
