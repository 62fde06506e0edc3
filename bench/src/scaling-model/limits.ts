import { type CoordinationCosts, DEFAULT_SHAPE } from './parameters.ts';
import { type Prediction, simulate } from './simulate.ts';
import { uniform, type Workload, w1Workload } from './workload.ts';

/** Tickets of a prediction, about: enough that its beginning and end do not count. */
const TICKETS_PER_PROCESSOR = 60;
const MOST_EVENTS = 2 ** 31;
const W1_PERIOD = 100_000;

/** What limits a flow: the threads that compute, or one of the two that there is one of. */
export type Bound = 'processors' | 'writer' | 'coordinator';

const SATURATED = 0.9;

export function boundOf({ writerBusy, coordinatorBusy }: Prediction): Bound {
  if (coordinatorBusy >= SATURATED && coordinatorBusy > writerBusy) return 'coordinator';
  return writerBusy >= SATURATED ? 'writer' : 'processors';
}

/** A default flow with a processor for each core. */
export function predict(
  cores: number,
  costs: CoordinationCosts,
  workloadOf: (events: number) => Workload,
  processors: number = cores,
): Prediction {
  const shape = { ...DEFAULT_SHAPE, cores, processors };
  const { computeUs, bytes } = workloadOf(W1_PERIOD).of(0, W1_PERIOD);
  const ticketEvents = Math.min(
    (1e3 * shape.ticketMs * W1_PERIOD) / Math.max(computeUs, 1e-3),
    bytes === 0 ? Number.POSITIVE_INFINITY : ((shape.laneBytes / 8) * W1_PERIOD) / bytes,
    2 ** 18,
  );
  const events = Math.ceil(TICKETS_PER_PROCESSOR * processors * Math.max(ticketEvents, 1));
  return simulate(workloadOf(Math.min(events, MOST_EVENTS)), shape, costs);
}

/** W1 with events of which each costs `us` in the mean, its output included. */
export function w1Of(us: number, itemUs: number): (events: number) => Workload {
  const { items, interesting } = W1_MEANS;
  const workUs = Math.max(0, us - items * itemUs) / interesting;
  return (events) => w1Workload(events, W1_PERIOD, workUs, Math.min(itemUs, us / items));
}

export const oneItemEach =
  (us: number) =>
  (events: number): Workload =>
    uniform(events, us, 1);

/** Per event, in the mean over the period. */
export const W1_MEANS: { readonly items: number; readonly interesting: number } = {
  items: w1Workload(W1_PERIOD, W1_PERIOD, 0, 0).of(0, W1_PERIOD).items / W1_PERIOD,
  interesting: w1Workload(W1_PERIOD, W1_PERIOD, 1, 0).of(0, W1_PERIOD).computeUs / W1_PERIOD,
};
