import { adaptive, park, spin, type WaitStrategy } from 'native-free-rings';
import type { FlowPlan } from './plan.ts';

/** The strategy that a flow's plan names, made anew for each thread: `adaptive` learns. */
export function waitStrategy(plan: FlowPlan): WaitStrategy {
  switch (plan.wait) {
    case 'park':
      return park();
    case 'spin':
      return spin();
    case 'adaptive':
      return adaptive({ threads: plan.busyThreads, cores: plan.cores });
  }
}
