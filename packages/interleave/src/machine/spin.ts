import type { Bodies } from './bodies.ts';
import type { History } from './history.ts';
import { Kind, type Operation } from './operation.ts';
import { type Frozen, Probe } from './probe.ts';

/**
 * A fruitless round of a spin: since its last effect, the thread has only read, and with the same values it would read the
 * same again. Running another round before one of these words changes leads nowhere new.
 */
export interface Spin {
  /** The reads that the next round repeats. */
  readonly reads: readonly History[];
  /** What they returned. */
  readonly results: readonly unknown[];
  /** Where a spin that counts its rounds goes when nothing changes; null if it never ends. */
  readonly exit: History | null;
}

const LONGEST_ROUND = 24;

/**
 * Is `node` the end of a fruitless round? A `pause` ends a round; without one, two equal rounds of reads do. What looks
 * like a spin is *probed*: the body is run on with the same values, to see whether it goes on for ever or gives up.
 * A property of the history alone, so it is looked up once per node.
 */
export function examine(node: History, thread: number, bodies: Bodies): Spin | null | Promise<Spin | null> {
  const pauses = node.operation.kind === Kind.pause;
  const frozen = pauses ? roundBeforePause(node) : repeatedRound(node);
  if (frozen === null) return null;
  const run = (probe: Probe): Spin | null | Promise<Spin | null> => {
    const ended = pauses
      ? bodies.advance(thread, node, undefined, probe)
      : bodies.advance(thread, node.parent!, node.result, probe);
    const conclude = (end: History) => {
      probe.finish(end);
      if (probe.closeFrom !== null) return run(new Probe(frozen, pauses, probe.closeFrom));
      return spinOf(node, frozen, probe);
    };
    return ended instanceof Promise ? ended.then(conclude) : conclude(ended);
  };
  return run(new Probe(frozen, pauses));
}

function spinOf(node: History, frozen: Frozen, probe: Probe): Spin | null {
  const reads = frozen.nodes.filter((_, index) => probe.repeated.has(index));
  const results = frozen.results.filter((_, index) => probe.repeated.has(index));
  if (reads.length === 0) return null;
  if (!probe.endless) return node.operation.kind === Kind.pause ? { reads, results, exit: probe.exit } : null;
  node.forgetWhatFollows();
  return { reads, results, exit: null };
}

/** The reads since the last pause or the last effect. */
function roundBeforePause(pause: History): Frozen | null {
  const nodes: History[] = [];
  const results: unknown[] = [];
  let child = pause;
  for (let node = pause.parent; node !== null && hasNoEffect(node.operation, child.result); node = node.parent) {
    if (node.operation.kind === Kind.pause) break;
    // The latest answer of a read is the one that the next round would get.
    nodes.push(node);
    results.push(child.result);
    child = node;
  }
  return nodes.length === 0 ? null : { nodes, results };
}

/** The last round, if it is equal to the one before it and `node` begins a third one. */
function repeatedRound(node: History): Frozen | null {
  const nodes: History[] = [];
  const results: unknown[] = [];
  let child = node;
  for (let at = node.parent; at !== null && nodes.length < 2 * LONGEST_ROUND; at = at.parent) {
    if (at.operation.kind === Kind.pause || !hasNoEffect(at.operation, child.result)) break;
    nodes.push(at);
    results.push(child.result);
    child = at;
  }
  for (let length = 1; 2 * length <= nodes.length; length++) {
    if (!isSame(nodes[length - 1].operation, node.operation)) continue;
    let equal = true;
    for (let i = 0; i < length && equal; i++) {
      equal =
        isSame(nodes[i].operation, nodes[i + length].operation) &&
        isSameResult(nodes[i].operation, results[i], results[i + length]);
    }
    if (equal) return { nodes: nodes.slice(0, length), results: results.slice(0, length) };
  }
  return null;
}

const isSame = (one: Operation, other: Operation): boolean =>
  one.kind === other.kind &&
  one.word === other.word &&
  one.cell === other.cell &&
  one.b === other.b &&
  sameOperand(one, other);

/** The operand of a resume is the number of the sleep, which grows from round to round. */
const sameOperand = (one: Operation, other: Operation): boolean => one.kind === Kind.resume || one.a === other.a;
const isSameResult = (operation: Operation, one: unknown, other: unknown): boolean =>
  Object.is(one, other) || (operation.kind === Kind.wait && typeof one === 'number' && typeof other === 'number');

/** True if the world is after this operation as it was before. */
function hasNoEffect(operation: Operation, result: unknown): boolean {
  switch (operation.kind) {
    case Kind.load:
    case Kind.racyLoad:
    case Kind.readElement:
    case Kind.readBytes:
    case Kind.pause:
      return true;
    case Kind.compareExchange:
      return result !== operation.a || operation.a === operation.b;
    case Kind.exchange:
      return result === operation.a;
    case Kind.add:
      return operation.a === 0;
    case Kind.or:
      return ((result as number) | operation.a) === result;
    case Kind.and:
      return ((result as number) & operation.a) === result;
    case Kind.wait:
      return true;
    case Kind.resume:
      return result === 'timed-out';
    default:
      return false;
  }
}
