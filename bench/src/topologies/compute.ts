import { computeBatch } from '../rivals/whole-batch.ts';
import type { Input, Stage, StageContext } from './actor.ts';
import type { Item, Task, TopologySetting } from './messages.ts';

export interface ComputeOptions {
  /** Tasks that it asks for in advance; 0: it asks for a task only when its output was asked for one (pull from end to end). */
  readonly prefetch: number;
}

/** A worker: computes each task and sends its batch as soon as the writer wants it. */
export function compute({ inputs: [input], outputs: [output] }: StageContext, { prefetch }: ComputeOptions): Stage {
  const tasks: { readonly task: Task; readonly input: Input }[] = [];
  let work: TopologySetting['work'];

  const run = (): void => {
    while (output.demand > 0 && tasks.length > 0) {
      const { task } = tasks.shift()!;
      const words = computeBatch({ work, begin: task.begin, end: task.end });
      output.send({ type: 'batch', ticket: task.ticket, words, sentUs: task.sentUs }, [words.buffer]);
      if (prefetch > 0) input.ask(1);
    }
  };

  if (prefetch > 0) input.ask(prefetch);
  return {
    onRound(setting) {
      work = setting.work;
    },
    onItem(item: Item) {
      tasks.push({ task: item as Task, input });
      run();
    },
    onDemand(demand) {
      if (prefetch === 0) input.ask(demand);
      run();
    },
  };
}
