/** Looks at all that a batch says of itself, and reads it in two ways. Throws where something does not agree. */
import type { Batch, Codec } from 'millrace';
import { ITEMS, type ItemKind, NUMBER_KINDS, STRUCT_KINDS } from '../items.ts';
import { Random } from '../random.ts';
import { Transcript } from '../transcript.ts';
import { eventOf, itemsOf, type Work } from '../work.ts';

export interface BatchRules {
  readonly kind: ItemKind;
  readonly work: Work;
  /** No batch has more items. */
  readonly mostItems: number;
  readonly isBySequence: boolean;
}

type Reader = (batch: Batch<unknown>) => Iterable<unknown>;

const READERS: readonly Reader[] = [(batch) => batch, (batch) => batch.views(), (batch) => batch.toArray()];

function* fromEnd(batch: Batch<unknown>): Generator<unknown> {
  const items: unknown[] = [];
  for (let i = batch.length - 1; i >= 0; i--) {
    const item = batch.at(i);
    items.push(typeof item === 'object' ? structuredClone(plainOf(item)) : item);
  }
  yield* items.reverse();
}

/** A view's fields are those of its class. */
function plainOf(item: unknown): unknown {
  if (item instanceof Uint8Array || Array.isArray(item) || Object.keys(item as object).length > 0) return item;
  const fields = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(item) as object));
  return Object.fromEntries(
    fields.flatMap(([name, { get }]) => (get === undefined ? [] : [[name, get.call(item) as unknown]])),
  );
}

function* fromSegments(batch: Batch<unknown>): Generator<unknown> {
  for (const { items, begin, end } of batch.segments as unknown as readonly {
    items: ArrayLike<unknown>;
    begin: number;
    end: number;
  }[]) {
    for (let i = begin; i < end; i++) yield items[i];
  }
}

/** Items of a fixed size, out of a copy of their bytes. */
function fromBytes(codec: Codec<unknown, unknown> & { readonly kind: 'fixed' }): Reader {
  return function* read(batch) {
    for (const segment of batch.segments) {
      const bytes = segment.bytes({ copy: true });
      const memory = memoryOver(bytes);
      for (let at = 0; at < bytes.length; at += codec.size) yield codec.read(memory, at);
    }
  };
}

const memoryOver = ({ buffer }: Uint8Array): never => {
  const whole = buffer.byteLength & ~7;
  const even = new ArrayBuffer(whole + 8);
  new Uint8Array(even).set(new Uint8Array(buffer));
  return {
    u8: new Uint8Array(even),
    i8: new Int8Array(even),
    u16: new Uint16Array(even),
    i16: new Int16Array(even),
    u32: new Uint32Array(even),
    i32: new Int32Array(even),
    f32: new Float32Array(even),
    f64: new Float64Array(even),
    i64: new BigInt64Array(even),
    u64: new BigUint64Array(even),
  } as never;
};

export class BatchCheck {
  private readonly rules: BatchRules;
  private readonly random: Random;
  private readonly readers: readonly Reader[];
  private readonly items: Transcript;
  private readonly others: Transcript;

  constructor(rules: BatchRules, seed: number) {
    this.rules = rules;
    this.random = new Random(seed);
    const { kind } = rules;
    this.items = new Transcript(kind);
    this.others = new Transcript(kind);
    const { codec } = ITEMS[kind];
    this.readers = [
      ...READERS,
      fromEnd,
      ...(NUMBER_KINDS.includes(kind) ? [fromSegments] : []),
      ...(codec.kind === 'fixed' && [...NUMBER_KINDS, ...STRUCT_KINDS].includes(kind)
        ? [fromBytes(codec as never)]
        : []),
    ];
  }

  check(batch: Batch<unknown>): void {
    this.checkRuns(batch);
    this.checkSegments(batch);
    this.checkEdges(batch);
    const { items, others } = this;
    const reader = this.random.pick(this.readers);
    items.clear();
    others.clear();
    for (const item of reader(batch)) items.append(item);
    for (let i = 0; i < batch.length; i++) others.append(batch.at(i));
    expect(items.items === batch.length && items.view().equals(others.view()), () => `${reader} reads other items`);
  }

  private checkRuns(batch: Batch<unknown>): void {
    const { work, mostItems, isBySequence } = this.rules;
    const { length, runs } = batch;
    expect(length >= 1 && length <= mostItems && runs >= 1 && runs <= length, () => `${length} items, ${runs} runs`);
    let end = 0;
    for (let run = 0; run < runs; run++) {
      const sequence = batch.runSequence(run);
      const begin = batch.runBegin(run);
      const goesOn = run > 0 && batch.runSequence(run - 1) === sequence;
      const first = goesOn ? batch.runFirst(run - 1) + begin - batch.runBegin(run - 1) : run === 0 ? batch.first : 0;
      const text = (): string =>
        `run ${run} of ${runs}, of sequence ${sequence} from ${begin}, first ${batch.runFirst(run)}`;
      expect(begin === end && batch.runFirst(run) === first, () => `${text()}, in place of ${end}, ${first}`);
      if (run > 0) {
        expect(goesOn ? !batch.runEnds(run - 1) : sequence > batch.runSequence(run - 1), text);
        expect(goesOn || batch.runEnds(run - 1), () => `${text()}, before the end of the one before`);
        expect(!isBySequence || goesOn, text);
      }
      end = batch.runEnd(run);
      expect(end > begin, text);
      const isWhole = first + end - begin === itemsOf(work, eventOf(work, sequence));
      expect(batch.runEnds(run) === isWhole, () => `${text()}: ends: ${batch.runEnds(run)}, and not ${isWhole}`);
      expect(batch.sequenceAt(begin) === sequence && batch.sequenceAt(end - 1) === sequence, text);
    }
    expect(end === length && batch.sequence === batch.runSequence(0), () => `${runs} runs end at ${end} of ${length}`);
    expect(batch.last === batch.runEnds(runs - 1), () => `last is ${batch.last}`);
  }

  private checkSegments({ segments, length, runs, bytes: allBytes }: Batch<unknown>): void {
    const isNumber = NUMBER_KINDS.includes(this.rules.kind);
    let items = 0;
    let run = 0;
    let bytes = 0;
    for (const segment of segments) {
      const text = (): string =>
        `segment from ${segment.begin} to ${segment.end}: ${segment.firstItem}, ${segment.firstRun}, ${segment.runs}`;
      expect(segment.firstItem === items && segment.firstRun === run && segment.end > segment.begin, text);
      expect(isNumber || segment.begin === items, text);
      items += segment.end - segment.begin;
      run += segment.runs;
      bytes += segment.bytes().length;
    }
    expect(items === length && run === runs && bytes === allBytes, () => `segments of ${items}, ${run}, ${bytes}`);
  }

  private checkEdges(batch: Batch<unknown>): void {
    const { length, runs } = batch;
    for (const index of [-1, length, 0.5, Number.NaN]) {
      expectThrow(() => batch.at(index), `at(${index})`);
      expectThrow(() => batch.sequenceAt(index), `sequenceAt(${index})`);
    }
    for (const index of [-1, runs, 0.5]) {
      expectThrow(() => batch.runSequence(index), `runSequence(${index})`);
      expectThrow(() => batch.runEnds(index), `runEnds(${index})`);
    }
  }
}

function expect(holds: boolean, text: () => string): void {
  if (!holds) throw new RangeError(`a batch is not as it should be: ${text()}`);
}

function expectThrow(call: () => unknown, text: string): void {
  try {
    call();
  } catch (error) {
    if (error instanceof RangeError) return;
    throw error;
  }
  throw new RangeError(`${text} threw nothing`);
}
