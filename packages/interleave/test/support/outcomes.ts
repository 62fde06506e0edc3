import { prepare } from '../../src/check.ts';
import type { Model } from '../../src/model.ts';
import { type Options, settle } from '../../src/options.ts';
import { Dpor, type Flaws } from '../../src/search/dpor.ts';
import { Exploration } from '../../src/search/exploration.ts';
import { States } from '../../src/search/states.ts';

/** Counts every ending by memory, results, deaths, and what stuck threads are stuck at. */
class Observer extends Exploration {
  protected override judge(): void {
    this.observe('');
  }

  protected override stuck(kind: 'deadlock' | 'livelock'): void {
    this.observe(kind);
  }

  private observe(kind: string): void {
    const { machine } = this;
    const memory = machine.memory.regions.map((region) => [...region.words]);
    const threads = machine.names.map((_, thread) => {
      if (machine.isDead(thread)) return 'dead';
      if (machine.isSpinning(thread)) return 'spins';
      const { kind, word, data } = machine.next(thread);
      return machine.hasEnded(thread) ? data : `${kind}@${word}`;
    });
    this.count(JSON.stringify([kind, memory, threads]));
  }
}

export interface Exploring {
  readonly outcomes: string[];
  readonly executions: number;
  readonly pruned: number;
  readonly failure: string | null;
}

/** Explores a model and returns the set of its endings. */
export async function outcomesOf(model: Model, options: Options, flaws: Flaws = {}): Promise<Exploring> {
  const settings = settle({ ...model.options, ...options }, Object.keys(model.threads), false);
  const machine = await prepare(model, settings, false);
  const exploration = new Observer(model, machine);
  await machine.begin();
  const search =
    settings.search === 'dpor' ? new Dpor(exploration, flaws) : new States(exploration, settings.search === 'states');
  await search.run();
  return {
    outcomes: [...exploration.outcomes.keys()].sort(),
    executions: exploration.executions,
    pruned: exploration.pruned,
    failure: machine.failure?.message ?? null,
  };
}
