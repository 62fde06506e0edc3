/**
 * A discrete-event model of a flow: processors that take tickets, the coordinator that cuts them, and the writer that follows
 * (docs/decisions/0002 and 0004), on cores which all running threads share. What it leaves out: memory bandwidth, the clock
 * rate of many busy cores, several sockets.
 */
import { Coordinator } from './coordinator.ts';
import { Log, type Surroundings } from './log.ts';
import { Machine } from './machine.ts';
import type { CoordinationCosts, FlowShape } from './parameters.ts';
import { Processors } from './processors.ts';
import type { Workload } from './workload.ts';
import { Writer } from './writer.ts';

export interface Prediction {
  readonly usPerEvent: number;
  /** Part of the time in which the thread was busy; of all processors together, their mean. */
  readonly coordinatorBusy: number;
  readonly writerBusy: number;
  readonly processorsBusy: number;
  readonly tickets: number;
  readonly coordinatorWakeUps: number;
  /** Part of the processors' time in which they waited for a ticket, and for room in their lanes. */
  readonly waitedForTicket: number;
  readonly waitedForRoom: number;
}

export function simulate(workload: Workload, shape: FlowShape, costs: CoordinationCosts): Prediction {
  const machine = new Machine(shape.cores);
  const log = new Log();
  const around: Surroundings = { machine, log, workload, shape, costs };
  const coordinator: Coordinator = new Coordinator(around, (tickets) => processors.wakeForTickets(tickets));
  const processors: Processors = new Processors(around, {
    coordinatorOnClaim: (index) => coordinator.wakesOnClaim(index),
    writerOnItems: (processor) => writer.wakesOnItems(processor),
  });
  const writer: Writer = new Writer(around, {
    processorOnRoom: (processor, bytes) => processors.release(processor, bytes),
    coordinatorOnDrained: (index) => coordinator.wakesOnDrained(index),
  });
  coordinator.start();
  processors.start();
  writer.start();
  while (!writer.done && machine.step());
  if (!writer.done)
    throw new Error(`the modelled flow stands still with ${log.drained} of ${log.tickets.length} tickets`);
  const us = machine.now;
  return {
    usPerEvent: us / workload.events,
    coordinatorBusy: coordinator.busyUs / us,
    writerBusy: writer.busyUs / us,
    processorsBusy: processors.busyUs / us / shape.processors,
    tickets: log.tickets.length,
    coordinatorWakeUps: coordinator.wakeUps,
    waitedForTicket: processors.waitedUs.ticket / us / shape.processors,
    waitedForRoom: processors.waitedUs.room / us / shape.processors,
  };
}
