import type { Body } from './actor.ts';
import type { Scenario } from './explore.ts';

const commits =
  (count: number): Body =>
  async (actor) => {
    await actor.open();
    for (let i = 0; i < count; i++) await actor.commit();
  };

/** Looks while others write. */
/** Does something that need not be explored, and then something that is. */
const after =
  (first: Body, next: Body): Body =>
  async (actor) => {
    await first(actor);
    await actor.isReady();
    await next(actor);
  };

/** There is room for two in a segment. */
const commitsOnce: Body = (actor) => actor.commit();
/** And begins a segment, so that the others can go. */
const trimsAll: Body = (actor) => actor.trim(actor.position);
const trimsAllButOne: Body = (actor) => actor.trim(actor.position - 1);
const trimsAndCommits: Body = async (actor) => {
  await trimsAllButOne(actor);
  await actor.commit();
};
const opens: Body = (actor) => actor.open();
const reads: Body = (actor) => actor.readsOn();

/** An owner that was killed: it has not closed the journal. */
const killedAfter =
  (count: number): Body =>
  async (actor) => {
    await commits(count)(actor);
    await new Promise(() => {});
  };

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'two make the journal, and one dies',
    processes: { a: commits(1), b: commits(1) },
    mayDie: { names: ['a'], most: 1 },
  },
  {
    name: 'two open after a death, and one of them dies',
    before: [killedAfter(1), killedAfter(0)],
    processes: { a: commits(1), b: commits(1) },
    mayDie: { names: ['a'], most: 1 },
  },
  {
    name: 'three open after a death',
    before: [killedAfter(1)],
    processes: { a: opens, b: commits(1), c: opens },
  },
  {
    name: 'a writer begins a segment and dies while another one opens',
    beginsWhenReady: true,
    processes: { a: after(commits(2), commitsOnce), b: commits(1) },
    mayDie: { names: ['a'], most: 1 },
  },
  {
    name: 'a writer trims and dies while another one opens',
    before: [killedAfter(1)],
    beginsWhenReady: true,
    processes: { a: after(commits(2), trimsAll), b: commits(1) },
    mayDie: { names: ['a'], most: 1 },
  },
  {
    name: 'a reader looks while a writer opens and dies',
    before: [killedAfter(1)],
    processes: { a: commits(1), reader: reads },
    mayDie: { names: ['a'], most: 1 },
  },
  {
    name: 'a reader looks while a writer trims and begins segments',
    before: [killedAfter(1)],
    beginsWhenReady: true,
    processes: { a: after(commits(2), trimsAndCommits), reader: reads },
  },
  {
    name: 'a writer is taken for dead while it opens',
    before: [killedAfter(1)],
    processes: { a: commits(1), b: commits(1) },
    mayBeTakenForDead: ['a'],
  },
  {
    name: 'a writer is taken for dead while it begins a segment',
    beginsWhenReady: true,
    processes: { a: after(commits(2), commitsOnce), b: commits(1) },
    mayBeTakenForDead: ['a'],
  },
  {
    name: 'a writer is taken for dead while it trims',
    before: [killedAfter(1)],
    beginsWhenReady: true,
    processes: { a: after(commits(2), trimsAllButOne), b: commits(1) },
    mayBeTakenForDead: ['a'],
  },
  {
    name: 'a power cut at always',
    durability: 'always',
    processes: { a: commits(3) },
    powerCuts: true,
  },
  {
    name: 'a power cut at batch',
    durability: 'batch',
    processes: { a: commits(4) },
    powerCuts: true,
  },
  {
    name: 'a power cut at batch, after a death',
    durability: 'batch',
    before: [killedAfter(2)],
    processes: { a: commits(2) },
    powerCuts: true,
  },
  {
    name: 'a power cut while it is trimmed',
    durability: 'always',
    before: [killedAfter(1)],
    beginsWhenReady: true,
    processes: { a: after(commits(2), trimsAndCommits) },
    powerCuts: true,
  },
  {
    name: 'a power cut when a writer died while another one opens',
    durability: 'batch',
    beginsWhenReady: true,
    processes: { a: after(opens, commitsOnce), b: opens },
    mayDie: { names: ['a'], most: 1 },
    powerCuts: true,
  },
  {
    name: 'a power cut when a writer was taken for dead while it commits',
    durability: 'always',
    beginsWhenReady: true,
    processes: { a: after(commits(2), commitsOnce), b: opens },
    mayBeTakenForDead: ['a'],
    powerCuts: true,
  },
];
