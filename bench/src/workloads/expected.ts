import type { Work } from './kernel.ts';
import { type Answer, SETTINGS, sequential } from './w1.ts';
import { sequential2 } from './w2.ts';
import { sequential3 } from './w3.ts';

/** The plain loop over `events` events of `work`. */
export function plainLoop(work: Work, events: number): Answer {
  switch (work.kind) {
    case 'w1':
      return sequential(events, work.K);
    case 'w2':
      return sequential2(events);
    case 'w3':
      return sequential3(events, work.hugeItems);
  }
}

/** What every contender must answer; a published setting has its answer from the table, so the plain loop is checked too. */
export function expectedAnswer(work: Work, events: number): Answer {
  if (work.kind === 'w1') {
    const published = SETTINGS.find((setting) => setting.K === work.K && setting.N === events);
    if (published) return { checksum: published.checksum, items: published.items };
  }
  return plainLoop(work, events);
}
