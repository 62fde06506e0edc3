import { wakeRing } from 'native-free-rings';
import { Control } from './control-block.ts';
import type { FlowPlan } from './plan.ts';

/**
 * Makes every sleeper of a flow look again: for a stop, and for a thread that takes a dead one's place, which may have died
 * between its progress and the wake-up for it.
 */
export function wakeEverybody(plan: FlowPlan): void {
  new Control(plan.control).wakeAll();
  for (const ring of [plan.source.ring, plan.destination]) if (ring !== undefined) wakeRing(ring);
}
