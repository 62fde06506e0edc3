import { sharedClock } from '../harness/clock.ts';
import { hash } from '../workloads/w1.ts';
import { neediest, type Stage, type StageContext } from './actor.ts';
import type { Task, TopologySetting } from './messages.ts';

export interface ProduceOptions {
  /** Whether the events travel with their task, or lie in memory that all threads share. */
  readonly carriesEvents: boolean;
}

/** The first stage: cuts a round into tasks and sends each to the stage that wants it most. */
export function produce({ outputs }: StageContext, { carriesEvents }: ProduceOptions): Stage {
  const now = sharedClock();
  let round: TopologySetting | undefined;
  let ticket = 0;

  const taskAt = ({ events, eventsPerTask }: TopologySetting): Task => {
    const begin = ticket * eventsPerTask;
    const end = Math.min(events, begin + eventsPerTask);
    const carried = carriesEvents ? Int32Array.from({ length: end - begin }, (_, i) => hash(begin + i)) : undefined;
    return { type: 'task', ticket, begin, end, events: carried, sentUs: now() };
  };

  const send = (): void => {
    while (round && ticket * round.eventsPerTask < round.events) {
      const output = neediest(outputs);
      if (output) {
        output.send(taskAt(round));
        ticket++;
      }
      if (round.taskEveryMs > 0) setTimeout(send, round.taskEveryMs);
      if (!output || round.taskEveryMs > 0) return;
    }
  };

  return {
    onRound(setting) {
      round = setting;
      ticket = 0;
      send();
    },
    // A paced round goes by its timer alone.
    onDemand() {
      if (round?.taskEveryMs === 0) send();
    },
  };
}
