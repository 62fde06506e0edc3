import { readOfWord } from '../machine/footprint.ts';
import type { Mark } from '../machine/journal.ts';
import type { Choice, Exploration } from './exploration.ts';
import { Fingerprints } from './fingerprints.ts';
import { StateSet } from './state-set.ts';

interface Frame {
  readonly mark: Mark;
  /** Thread that moved last; -1 at the beginning. */
  readonly last: number;
  readonly preemptions: number;
  readonly choices: Choice[];
}

/**
 * Depth-first search over all choices, within a preemption bound if there is one.
 *
 * Without `merge` it visits every interleaving. With it, a state that was reached before, by a reordering of independent
 * steps, with as many preemptions left, is not entered again. (DPOR does not go with a bound as it is: the execution that
 * stands for a class may be over the bound while another one of the class is within it, see Coons, Musuvathi, McKinley,
 * "Bounded partial-order reduction", OOPSLA 2013. States may be merged whatever the order in which they were reached.)
 */
export class States {
  private readonly exploration: Exploration;
  private readonly fingerprints: Fingerprints | null;
  private readonly frames: Frame[] = [];
  private readonly taken: Choice[] = [];
  /** For each state, with the thread that moved last, the fewest preemptions with which it was reached. */
  private readonly seen = new StateSet();

  constructor(exploration: Exploration, merge: boolean) {
    this.exploration = exploration;
    this.fingerprints = merge ? new Fingerprints(exploration.machine) : null;
  }

  schedule(): Choice[] {
    return this.taken;
  }

  async run(): Promise<void> {
    const { exploration, frames, taken, fingerprints } = this;
    const { machine } = exploration;
    this.push(-1, 0);
    while (frames.length > 0 && !exploration.failed) {
      const frame = frames[frames.length - 1];
      const choice = frame.choices.shift();
      machine.rollback(frame.mark);
      taken.length = machine.position;
      if (choice === undefined) {
        frames.pop();
        continue;
      }
      const { thread, variant } = choice;
      const preempts = frame.last >= 0 && frame.last !== thread && machine.isEnabled(frame.last);
      const footprint = fingerprints === null ? null : machine.footprint(thread, variant);
      taken.push(choice);
      const pending = exploration.step(thread, variant);
      if (pending !== undefined) await pending;
      if (footprint !== null) {
        for (const word of machine.roundReads) footprint.touches.push(readOfWord(word));
        fingerprints!.add(thread, variant, footprint);
      }
      if (!exploration.failed) this.push(thread, frame.preemptions + (preempts ? 1 : 0));
    }
  }

  private push(last: number, preemptions: number): void {
    const { exploration, fingerprints } = this;
    const { machine } = exploration;
    const bound = machine.settings.preemptions;
    if (fingerprints !== null) {
      const bounded = bound !== Number.POSITIVE_INFINITY;
      // Under a bound it matters which thread can go on without a preemption.
      fingerprints.name(bounded ? last + 1 : 0);
      if (!this.seen.add(fingerprints.high, fingerprints.low, bounded ? preemptions : 0)) {
        exploration.pruned++;
        exploration.checkLimits();
        return;
      }
      if (!exploration.admits(this.seen.size)) return;
    }
    const enabled = exploration.enabled();
    if (enabled === 0) {
      exploration.end();
      return;
    }
    const mustGoOn = preemptions >= bound && last >= 0 && machine.isEnabled(last);
    const choices: Choice[] = [];
    for (let thread = 0; enabled >> thread !== 0; thread++) {
      if (((enabled >> thread) & 1) === 0 || (mustGoOn && thread !== last)) continue;
      for (const variant of machine.variants(thread)) choices.push({ thread, variant });
    }
    this.frames.push({ mark: machine.mark(), last, preemptions, choices });
  }
}
