/** Everything that a page can have inserted, by the name that stands in its text: `<!-- bench:w1 -->`. */

import { table } from './markdown.ts';
import * as parts from './parts.ts';
import type { Results } from './results.ts';
import * as scaling from './scaling.ts';
import { shortfall, targets } from './targets.ts';
import * as workloads from './workloads.ts';

interface Section {
  /** The suite that measures it; undefined: several. */
  readonly suite: string | undefined;
  text(results: Results, notes: ReadonlyMap<string, string>): string;
}

const of = (suite: string, text: (results: Results) => string): Section => ({ suite, text });

/** On which machine each suite ran. */
function machines(results: Results): string {
  const reports = [results, ...results.others].flatMap((one) => [...one.reports]);
  const rows = reports.map(([suite, { machine, node, commit }]) => [
    suite,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}`,
    node,
    commit.slice(0, 10) + (commit.endsWith('+changes') ? ' with changes' : ''),
  ]);
  return rows.length === 0 ? '' : table(['suite', 'machine', 'Node', 'commit'], rows);
}

export const SECTIONS: Readonly<Record<string, Section>> = {
  machines: { suite: undefined, text: machines },
  targets: { suite: undefined, text: targets },
  shortfall: { suite: undefined, text: shortfall },
  w1: of('w1', workloads.w1),
  'w1-choices': of('w1', workloads.w1Choices),
  'w1-verdicts': of('w1', workloads.w1Verdicts),
  w2: of('w2', workloads.w2),
  w3: of('w3', workloads.w3),
  writers: of('writers', workloads.writers),
  limits: of('limits', workloads.limits),
  journal: of('journal', workloads.journal),
  'journal-flow': of('journal', workloads.journalFlow),
  garbage: of('garbage', workloads.garbage),
  atomics: of('atomics', workloads.atomics),
  operations: of('operations', parts.operations),
  lanes: of('lanes', parts.lanes),
  trips: of('trips', parts.trips),
  producers: of('producers', parts.producers),
  'topologies-speed': of('topologies', parts.topologySpeed),
  'topologies-latency': of('topologies', parts.topologyLatency),
  'topologies-costs': of('topologies', parts.topologyCosts),
  'topologies-winners': of('topologies', parts.topologyWinners),
  'scaling-measured': of('scaling', scaling.measured),
  'scaling-costs': of('scaling', scaling.costs),
  'scaling-checked': of('scaling', scaling.checked),
  'scaling-predicted': of('scaling', scaling.predicted),
  'scaling-limits': of('scaling', scaling.limits),
  'scaling-saturation': of('scaling', scaling.saturation),
};

/** A section as it stands in a page. */
export function sectionText(name: string, results: Results, notes: ReadonlyMap<string, string>): string {
  const section = SECTIONS[name];
  if (!section) throw new Error(`a page asks for "${name}"; there are ${Object.keys(SECTIONS).join(', ')}`);
  const { suite, text } = section;
  if (suite !== undefined && !results.has(suite)) return `*Not measured yet: \`npm run bench -- ${suite}\`.*`;
  return text(results, notes) || '*Nothing measured yet.*';
}
