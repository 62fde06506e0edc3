/** The rules of `chaos:journal` are shown to notice each fault that they are for. */
import { describe, expect, it } from 'vitest';
import type { Written } from '../src/journal/answers.ts';
import { ContentCheck, type ReadBatch } from '../src/journal/content.ts';
import { type CutState, cutFault } from '../src/journal/cut-rules.ts';
import { damaged, drawDamage } from '../src/journal/damage.ts';
import { flipFault, type Probed } from '../src/journal/flip-rules.ts';
import { type FullRun, fullFault } from '../src/journal/full-rules.ts';
import type { Look, Seen } from '../src/journal/jobs.ts';
import { type Racer, raceFault } from '../src/journal/race-rules.ts';
import { drawRace } from '../src/journal/races.ts';
import { ONE_EACH, RECORD_KINDS, type RecordKind, Records } from '../src/journal/records.ts';
import { Random } from '../src/random.ts';

const SEQUENCES = 60;

interface Item {
  readonly sequence: number;
  readonly index: number;
  readonly item: unknown;
}

const recordsOf = (kind: RecordKind): Records =>
  new Records({ kind, mostBytes: 300, work: { seed: 3, rounds: 1, none: 200, one: 300, large: 50, largeItems: 20 } });

const SEQUENCES_OF_BATCH = 3;

/** One batch for every three sequences. */
function batchesOf(items: readonly Item[], records: Records): ReadBatch[] {
  const batches = new Map<number, Item[]>();
  for (const one of items) {
    const batch = Math.floor(one.sequence / SEQUENCES_OF_BATCH);
    batches.set(batch, [...(batches.get(batch) ?? []), one]);
  }
  return [...batches.values()].map((some) => {
    const begins = some.flatMap(({ sequence }, i) => (sequence === some[i - 1]?.sequence ? [] : [i]));
    const endOf = (run: number): number => begins[run + 1] ?? some.length;
    const isLast = (i: number): boolean => some[i]!.index + 1 === records.itemsOf(some[i]!.sequence);
    const { sequence, index } = some.at(-1)!;
    const last = isLast(some.length - 1);
    return {
      sequence: some[0]!.sequence,
      first: some[0]!.index,
      length: some.length,
      last,
      end: last ? { sequence: sequence + 1, items: 0 } : { sequence, items: index + 1 },
      at: (i) => some[i]!.item,
      sequenceAt: (i) => some[i]!.sequence,
      runs: begins.length,
      runSequence: (run) => some[begins[run]!]!.sequence,
      runBegin: (run) => begins[run]!,
      runEnd: endOf,
      runFirst: (run) => some[begins[run]!]!.index,
      runEnds: (run) => isLast(endOf(run) - 1),
    };
  });
}

describe.each(RECORD_KINDS)('the content of a journal of %s', (kind) => {
  const records = recordsOf(kind);
  const items: Item[] = [];
  for (let sequence = 0; sequence < SEQUENCES; sequence++) {
    for (let index = 0; index < records.itemsOf(sequence); index++) {
      items.push({ sequence, index, item: records.make(1, sequence, index) });
    }
  }
  const at = items.findIndex(({ index }, i) => i > 20 && index === 1);
  const faultOf = (some: readonly Item[], position = { sequence: SEQUENCES, items: 0 }): string | undefined => {
    const check = new ContentCheck(records, [1], { sequence: 0, items: 0 });
    for (const batch of batchesOf(some, records)) check.take(batch);
    check.finish(position);
    return check.fault;
  };

  it('is right when it is all there, or a beginning that the position tells', () => {
    expect(faultOf(items)).toBeUndefined();
    const { sequence, index } = items[at]!;
    expect(faultOf(items.slice(0, at), { sequence, items: index })).toBeUndefined();
    expect(faultOf([], { sequence: 0, items: 0 })).toBeUndefined();
  });

  it.each([
    ['an item removed', items.toSpliced(at, 1)],
    ['all items of a sequence removed', items.filter(({ sequence }) => sequence !== items[at]!.sequence)],
    ['an item that is there twice', items.toSpliced(at, 0, items[at]!)],
    ['two items that changed places', items.toSpliced(at, 2, items[at + 1]!, items[at]!)],
    ['a lost end', items.slice(0, -1)],
    ['another item', items.with(at, { ...items[at]!, item: records.make(1, 999, 5) })],
    ['an item of another kind', items.with(at, { ...items[at]!, item: null })],
    ['nothing at all', []],
  ])('is wrong with %s', (_, some) => {
    expect(faultOf(some)).toEqual(expect.any(String));
  });

  it('is wrong when the position is', () => {
    expect(faultOf(items, { sequence: SEQUENCES - 3, items: 0 })).toEqual(expect.any(String));
    expect(faultOf(items, { sequence: 0, items: 0 })).toEqual(expect.any(String));
    const { sequence } = items[at]!;
    expect(faultOf(items.slice(0, at), { sequence, items: 5_000 })).toMatch(/the position is/);
  });

  it('is wrong when a batch says so', () => {
    const batches = batchesOf(items, records);
    const wrong = (change: Partial<ReadBatch>): string | undefined => {
      const check = new ContentCheck(records, [1], { sequence: 0, items: 0 });
      for (const [i, batch] of batches.entries()) check.take(i === 9 ? { ...batch, ...change } : batch);
      return check.fault;
    };
    const { sequence, first, last, length, runs, runEnd } = batches[9]!;
    expect(runs).toBeGreaterThan(1);
    expect(wrong({})).toBeUndefined();
    expect(wrong({ first: first + 1 })).toMatch(/begins at item/);
    expect(wrong({ sequence: sequence + 1 })).toMatch(/begins at item/);
    expect(wrong({ last: !last })).toMatch(/says last/);
    expect(wrong({ end: { sequence: sequence + 1, items: 77 } })).toMatch(/says that it ends/);
    expect(wrong({ length: 0 })).toMatch(/without items/);
    expect(wrong({ length: length + 1 })).toMatch(/whose runs have/);
    expect(wrong({ runs: 1 })).toMatch(/whose runs have/);
    expect(wrong({ runBegin: () => 0 })).toMatch(/begins at 0, not at/);
    expect(wrong({ runFirst: () => first + 1 })).toMatch(/a run that begins at item/);
    expect(wrong({ runSequence: () => sequence })).toMatch(/a run that begins at item/);
    expect(wrong({ runEnd: (run) => runEnd(run) - (run === 1 ? 1 : 0) })).toEqual(expect.any(String));
    expect(wrong({ runEnds: () => false })).toMatch(/says ends: false/);
    expect(wrong({ sequenceAt: () => sequence + 1 })).toMatch(/an item of sequence/);
  });
});

it('the content says who has written what', () => {
  const records = new Records({ kind: 'struct', mostBytes: 0, work: { seed: 5, ...ONE_EACH } });
  const check = new ContentCheck(records, [1, 2], { sequence: 0, items: 0 });
  for (let sequence = 0; sequence < 9; sequence++) check.takeItem(records.make(sequence < 4 ? 2 : 1, sequence, 0));
  check.finish({ sequence: 9, items: 0 });
  expect(check.fault).toBeUndefined();
  const at = (sequence: number) => ({ sequence, items: 0 });
  expect(check.runs).toEqual([
    { writer: 2, from: at(0), last: at(3) },
    { writer: 1, from: at(4), last: at(8) },
  ]);
});

const seen = (sequence: number, more: Partial<Seen> = {}): { readonly seen: Seen } => ({
  seen: {
    position: { sequence, items: 0 },
    begin: 0,
    items: sequence,
    runs: [{ writer: 1, from: { sequence: 0, items: 0 }, last: { sequence: sequence - 1, items: 0 } }],
    fault: undefined,
    ...more,
  },
});
const refused = (code: string): Extract<Look, { refused: unknown }> => ({
  refused: { code, message: `[${code}] …` },
  where: 'openJournal',
});
const written = (more: Partial<Written> = {}): Written => ({
  from: { sequence: 0, items: 0 },
  acks: [{ below: 10, at: 1_000 }],
  trimmed: 0,
  closingAt: 2_000,
  refused: undefined,
  isDone: true,
  ended: undefined,
  ...more,
});
const notLetIn = (code = 'IN_USE'): Written =>
  written({ from: undefined, acks: [], closingAt: undefined, isDone: false, refused: refused(code).refused });

describe('a race', () => {
  const racer = (writer: number, more: Partial<Written> = {}, of: Partial<Racer> = {}): Racer => ({
    plan: { writer, via: 'events', sequences: 10 },
    releasedAt: 0,
    killedAt: undefined,
    written: written(more),
    isAlone: false,
    isBefore: false,
    ...of,
  });
  const follower = { from: { sequence: 10, items: 0 }, acks: [{ below: 20, at: 2_500 }], closingAt: 3_000 };
  const both = seen(20, {
    runs: [
      { writer: 1, from: { sequence: 0, items: 0 }, last: { sequence: 9, items: 0 } },
      { writer: 2, from: { sequence: 10, items: 0 }, last: { sequence: 19, items: 0 } },
    ],
  });

  it('is right when one was let in, when one followed, and when one died', () => {
    expect(raceFault([racer(1), racer(2, notLetIn())], seen(10))).toBeUndefined();
    expect(raceFault([racer(1), racer(2, follower)], both)).toBeUndefined();
    const died = racer(2, { ...notLetIn(), refused: undefined, ended: 'died of SIGKILL' }, { killedAt: 50 });
    expect(raceFault([died, racer(1)], seen(10))).toBeUndefined();
    expect(raceFault([died, racer(3, notLetIn())], refused('NO_JOURNAL'))).toBeUndefined();
  });

  it.each<[string, Racer[], Parameters<typeof raceFault>[1], RegExp]>([
    ['an acknowledgement without its event', [racer(1), racer(2, notLetIn())], seen(9), /ends at 9/],
    ['an acknowledgement without a journal', [racer(1), racer(2, notLetIn())], refused('NO_JOURNAL'), /no journal/],
    [
      'two that acknowledge the same',
      [racer(1), racer(2, { ...follower, from: { sequence: 0, items: 0 } })],
      both,
      /has written there/,
    ],
    [
      'two that hold it at once',
      [racer(1), racer(2, { ...follower, acks: [{ below: 20, at: 1_500 }] })],
      both,
      /while writer 1/,
    ],
    ['a refusal with another code', [racer(1), racer(2, notLetIn('TORN_STORE'))], seen(10), /not refused as IN_USE/],
    [
      'a refusal of one who is alone',
      [racer(1), racer(2, notLetIn(), { isAlone: true })],
      seen(10),
      /nobody else lived/,
    ],
    [
      'nobody who is let in after one',
      [racer(1, {}, { isBefore: true }), racer(2, notLetIn()), racer(3, notLetIn())],
      seen(10),
      /every process was refused/,
    ],
    [
      'nobody who is let in',
      [racer(1, notLetIn()), racer(2, notLetIn())],
      refused('NO_JOURNAL'),
      /every process was refused/,
    ],
    [
      'one who loses the journal',
      [racer(1), racer(2, { ...notLetIn(), acks: [{ below: 3, at: 10 }] })],
      seen(10),
      /lost the journal/,
    ],
    ['a signal', [racer(1), racer(2, { ended: 'died of SIGSEGV' })], seen(10), /SIGSEGV/],
    [
      'another signal than ours',
      [racer(1), racer(2, { ended: 'died of SIGABRT' }, { killedAt: 5 })],
      seen(10),
      /SIGABRT/,
    ],
    ['one who hangs', [racer(1), racer(2, { ended: 'hangs' })], seen(10), /hangs/],
    ['a journal that is torn', [racer(1), racer(2, notLetIn())], refused('TORN_STORE'), /refuses/],
    ['a wrong content', [racer(1), racer(2, notLetIn())], seen(10, { fault: 'a lost end' }), /a lost end/],
    ['a reader that dies', [racer(1), racer(2, notLetIn())], { died: 'died of SIGBUS' }, /SIGBUS/],
  ])('is wrong with %s', (_, racers, look, fault) => {
    expect(raceFault(racers, look)).toMatch(fault);
  });

  it('lets one that is apart lose the journal, but nothing that it acknowledged', () => {
    const taken = racer(1, { ...notLetIn(), from: { sequence: 0, items: 0 }, acks: [{ below: 10, at: 1_000 }] });
    const taker = racer(2, { ...follower, acks: [{ below: 20, at: 900 }] });
    expect(raceFault([taken, taker], both, true)).toBeUndefined();
    expect(raceFault([taken, taker], seen(20), true)).toMatch(/writer 1 has written there/);
    const lost = racer(1, { acks: [{ below: 12, at: 1_000 }] });
    expect(raceFault([lost, taker], both, true)).toMatch(/writer 2 has written there/);
    expect(raceFault([racer(1, notLetIn('TORN_STORE')), taker], both, true)).toMatch(/not refused as IN_USE/);
  });

  it('is the same again with the same seed', () => {
    expect(drawRace(5, 3)).toEqual(drawRace(5, 3));
    expect(drawRace(5, 3)).not.toEqual(drawRace(6, 3));
  });
});

describe('a full disk', () => {
  const full = written({ isDone: false, refused: refused('STORE_FULL').refused });
  const right: FullRun = {
    first: full,
    mayEndWell: false,
    before: seen(12),
    second: written({ from: { sequence: 12, items: 0 } }),
    rest: 10,
    after: seen(22),
  };

  it('is right when it is said, and the journal goes on', () => {
    expect(fullFault(right)).toBeUndefined();
    const nothing = { ...right, first: { ...full, acks: [] }, before: refused('NO_JOURNAL') };
    expect(fullFault({ ...nothing, second: written(), after: seen(10) })).toBeUndefined();
  });

  it.each<[string, Partial<FullRun>, RegExp]>([
    ['a signal', { first: { ...full, ended: 'died of SIGABRT' } }, /SIGABRT/],
    ['another code', { first: { ...full, refused: refused('STORE_FAILED').refused } }, /not refused as STORE_FULL/],
    ['no refusal', { first: written() }, /never met/],
    ['a lost event', { before: seen(9) }, /10 was acknowledged, and the journal ends at 9/],
    ['a lost journal', { before: refused('NO_JOURNAL') }, /there is no journal/],
    ['a torn journal', { before: refused('TORN_STORE') }, /refuses/],
    ['one that cannot go on', { second: notLetIn('TORN_STORE') }, /there was room again/],
    [
      'one that goes on elsewhere',
      { second: written({ from: { sequence: 10, items: 0 } }) },
      /stood at 12, and then at 10/,
    ],
    ['an end that is missing', { after: seen(21) }, /after it went on/],
    ['events trimmed that were not to be', { before: seen(12, { begin: 3 }) }, /begins at 3/],
  ])('is wrong with %s', (_, change, fault) => {
    expect(fullFault({ ...right, ...change })).toMatch(fault);
  });
});

describe('a flipped bit', () => {
  const whole = seen(10);
  const probed = (more: Partial<Probed> = {}): Probed => ({
    position: whole,
    all: whole,
    some: whole,
    appended: undefined,
    after: undefined,
    ended: undefined,
    ...more,
  });
  const torn = refused('TORN_STORE');
  const appended = written({ from: { sequence: 10, items: 0 }, acks: [{ below: 13, at: 5 }] });
  const faultOf = (one: Probed, isGone = false): string | undefined => flipFault(one, whole.seen, 3, isGone);

  it('is right when all is whole, or refused as TORN_STORE', () => {
    expect(faultOf(probed())).toBeUndefined();
    expect(faultOf(probed({ position: torn, all: torn, some: torn }))).toBeUndefined();
    expect(faultOf(probed({ appended, after: seen(13) }))).toBeUndefined();
    expect(faultOf(probed({ all: torn, appended: notLetIn('TORN_STORE'), after: torn }))).toBeUndefined();
    expect(faultOf(probed({ position: refused('FOREIGN_STORE') }), true)).toBeUndefined();
  });

  it.each<[string, Partial<Probed>, RegExp]>([
    ['position 0', { position: seen(0) }, /the position is/],
    ['another code', { position: refused('FOREIGN_STORE') }, /not as TORN_STORE/],
    ['no journal', { all: refused('NO_JOURNAL') }, /not as TORN_STORE/],
    ['what is read short', { all: seen(9) }, /the position is/],
    ['what is read wrong', { all: seen(10, { fault: 'another item' }) }, /without a word, and another item/],
    ['what is read wrong from somewhere on', { some: seen(10, { fault: 'a gap' }) }, /a gap/],
    ['what was trimmed without asking', { all: seen(10, { begin: 4 }) }, /begins at 4/],
    ['a signal', { all: { died: 'died of SIGBUS' }, ended: 'died of SIGBUS' }, /SIGBUS/],
    [
      'an end that appending drops',
      { appended: written({ acks: [{ below: 12, at: 5 }] }), after: seen(12) },
      /3 were appended to 10/,
    ],
    ['what was appended and is lost', { appended, after: seen(10) }, /the position is/],
    ['appending that is refused otherwise', { appended: notLetIn('IN_USE'), after: whole }, /appending refuses/],
    ['what a refused writer has broken', { appended: notLetIn('TORN_STORE'), after: seen(7) }, /the position is/],
  ])('is wrong with %s', (_, change, fault) => {
    expect(faultOf(probed(change))).toMatch(fault);
  });

  it('is drawn from the bytes that are there, and leaves the original as it is', () => {
    const random = new Random(1);
    const files = new Map([
      ['journal.json', Buffer.from('{"format":"…"}')],
      ['1.log', Buffer.concat([Buffer.alloc(4_096), Buffer.alloc(2_000, 7)])],
      ['empty', Buffer.alloc(0)],
    ]);
    const before = JSON.stringify([...files]);
    for (let i = 0; i < 500; i++) {
      const damage = drawDamage(files, random);
      const after = damaged(files, damage, random);
      if (damage.what === 'deleted') expect(after.has(damage.file)).toBe(false);
      else if (damage.what === 'cut') expect(after.get(damage.file)).toHaveLength(damage.at);
      else {
        expect(after.get(damage.file)).toHaveLength(files.get(damage.file)!.length);
        if (damage.file === '1.log') expect(damage.at).toBeGreaterThanOrEqual(4_096);
        if (damage.what === 'bit') expect(after.get(damage.file)!.equals(files.get(damage.file)!)).toBe(false);
      }
    }
    expect(JSON.stringify([...files])).toBe(before);
  });
});

describe('a power cut', () => {
  const written = (below: number): Written => ({
    from: { sequence: 10, items: 0 },
    acks: [{ below, at: 1 }],
    trimmed: 0,
    closingAt: undefined,
    refused: undefined,
    isDone: false,
    ended: 'died of SIGKILL',
  });
  const found = (sequence: number, begin = 0): Look => ({
    seen: { position: { sequence, items: 0 }, begin, items: 0, runs: [], fault: undefined },
  });
  const refused = (code: string): Look => ({ refused: { code, message: code }, where: 'openJournal' });
  const faultOf = (durability: CutState['durability'], look: CutState['found']): string | undefined =>
    cutFault({ durability, stood: 10, written: written(50), trimmed: 5, outstanding: 20, found: look });

  it('may take what the durability says', () => {
    expect(faultOf('always', found(50))).toBeUndefined();
    expect(faultOf('always', found(60))).toBeUndefined();
    expect(faultOf('batch', found(30))).toBeUndefined();
    expect(faultOf('none', found(0))).toBeUndefined();
    expect(faultOf('none', refused('TORN_STORE'))).toBeUndefined();
    expect(faultOf('none', refused('NO_JOURNAL'))).toBeUndefined();
  });

  it('may take nothing more, and nothing may be wrong', () => {
    expect(faultOf('always', found(49))).toMatch(/1 sequences .* at always are lost/);
    expect(faultOf('batch', found(29))).toMatch(/21 sequences .* at batch are lost, more than 20/);
    expect(faultOf('always', refused('NO_JOURNAL'))).toMatch(/50 sequences/);
    expect(faultOf('batch', refused('TORN_STORE'))).toMatch(/refuses/);
    expect(faultOf('none', refused('STORE_FAILED'))).toMatch(/refuses/);
    expect(faultOf('always', found(50, 6))).toMatch(/trimmed below 5, and begins at 6/);
    expect(faultOf('none', { died: 'died of SIGSEGV' })).toMatch(/SIGSEGV/);
    const seen = { position: { sequence: 50, items: 0 }, begin: 0, items: 0, runs: [], fault: 'wrong' };
    expect(faultOf('none', { seen })).toMatch(/wrong/);
  });
});
