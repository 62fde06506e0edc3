import { openEventRing, ringEnd } from 'native-free-rings';
import { TicketIssuer } from '../order/ticket-issuer.ts';
import { COORDINATOR, Control, FIRST_PROCESSOR, WRITER } from '../thread/control-block.ts';
import { Counters } from '../thread/counters.ts';
import { Parker, runOnEventLoop } from '../thread/parker.ts';
import type { FlowPlan } from '../thread/plan.ts';
import { waitStrategy } from '../thread/wait-strategies.ts';
import { wakeEverybody } from '../thread/wake-everybody.ts';
import { CoordinatorCycle } from './coordinator-cycle.ts';

/** What the main thread may ask of the coordinator thread. */
export interface CoordinatorPlane {
  /** Answers when the thread has loaded its code. */
  hello(): void;
  /** Attaches to the flow's memory. */
  attach(plan: FlowPlan): void;
  /** Cuts tickets until the flow ends. */
  run(): Promise<void>;
}

export function coordinatorPlane(): CoordinatorPlane {
  let begin: (() => Promise<void>) | undefined;
  return {
    hello() {},
    attach(plan) {
      const counters = new Counters(plan.counters, COORDINATOR);
      const parker = new Parker(new Control(plan.control), counters, COORDINATOR, waitStrategy(plan));
      const cycle = makeCoordinator(plan);
      begin = async () => {
        // A coordinator before this one may have died between cutting tickets and waking the processors for them.
        wakeEverybody(plan);
        await runOnEventLoop(cycle, parker);
      };
    },
    run: async () => await begin!(),
  };
}

/** Attaches the coordinator to the flow's memory. */
export function makeCoordinator(plan: FlowPlan): CoordinatorCycle {
  const control = new Control(plan.control);
  const end = plan.source.ring === undefined ? undefined : ringEnd(openEventRing(plan.source.ring));
  return new CoordinatorCycle({
    issuer: new TicketIssuer(plan.tickets),
    loadSourceEnd: () => end?.load() ?? Number.POSITIVE_INFINITY,
    control,
    counters: new Counters(plan.counters, COORDINATOR),
    processorCounters: plan.lanes.map((_, i) => new Counters(plan.counters, FIRST_PROCESSOR + i)),
    writerCounters: new Counters(plan.counters, WRITER),
    processors: plan.lanes.map((_, i) => control.eventcount(FIRST_PROCESSOR + i)),
    laneBytes: plan.laneBytes,
    ticketMs: plan.ticketMs,
  });
}
