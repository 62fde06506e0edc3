import { type Input, neediest, type Output, type Stage, type StageContext } from './actor.ts';
import type { Item } from './messages.ts';

export interface RelayOptions {
  /** Items that it holds at most: what it asks for before anybody asks it. */
  readonly holds: number;
  /** Whether its last output leads to the writer and gets the order of the tasks instead of tasks. */
  readonly announces: boolean;
}

/** A dispatcher or a broker: holds a few items and passes each on to the stage that wants it most. */
export function relay({ inputs, outputs }: StageContext, { holds, announces }: RelayOptions): Stage {
  const queue: { readonly item: Item; readonly input: Input }[] = [];
  const workers = announces ? outputs.slice(0, -1) : outputs;
  const log: Output | undefined = announces ? outputs.at(-1) : undefined;

  const pass = (): void => {
    for (let output = neediest(workers); output && queue.length > 0; output = neediest(workers)) {
      const { item, input } = queue.shift()!;
      output.send(item);
      log?.send({ type: 'announcement', worker: workers.indexOf(output) });
      input.ask(1);
    }
  };

  for (const input of inputs) input.ask(holds);
  return {
    onItem(item, input) {
      queue.push({ item, input });
      pass();
    },
    onDemand: pass,
  };
}
