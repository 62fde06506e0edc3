import { type Change, type Claim, claim, own } from '@millrace/interleave';
import { CURSOR_WORDS, type EventRingHandle, type LaneHandle, LINE_WORDS } from 'native-free-rings';
import { viewI32, type Words } from '#atomics';
import * as ring from '../../../../../native-free-rings/dist/event-ring/event-ring-descriptor.js';
import * as lane from '../../../../../native-free-rings/dist/lane/lane-descriptor.js';
import {
  ACKED_WORD,
  BEING_FILLED,
  CLAIM,
  claimantOf,
  DRAINED_WORD,
  entryWord,
  FREE,
  ISSUED_WORD,
  isOfLap,
  openTicketLog,
  type TicketLogHandle,
} from '../../../dist/order/ticket-log-descriptor.js';
import { type CheckpointsHandle, laneWord } from '../../../dist/thread/checkpoints.js';
import type { ControlHandle } from '../../../dist/thread/control-block.js';

/**
 * I7, one owner for each word, as the comments of the descriptors state it: from these tables the checker knows whose every
 * word is. A thread is its name in the model; where no thread of a model plays the part, nobody may write its words. A part
 * that passes on is a list: the thread that has it first, then those that take it over. (Each of them begins when the one
 * before it has ended, so at any time one of them is there.)
 */
export type Who = string | readonly string[] | Claim;

const HEADER_WORDS = LINE_WORDS;
const CAUSE_MASK = 15;

/** eventcount.ts: the sleeper's while the cause is 0; then whoever clears it by compareExchange, and he only clears it. */
export function ownEventcount(words: Words, at: number, sleeper: Who): void {
  own(words, at, ({ thread, operation, before, after }) =>
    (before & CAUSE_MASK) === 0
      ? isOne(sleeper, thread)
      : operation === 'compareExchange' && after === (before & ~CAUSE_MASK),
  );
  own(words, at + 1, sleeper);
}

/** A claim is asked for its holder: only a thread's own steps change whether it is that. */
const isOne = (who: Who, thread: string): boolean =>
  typeof who === 'string' ? who === thread : 'holder' in who ? who.holder === thread : who.includes(thread);

/** lane-descriptor.ts, of a lane to which both sides are attached. */
export function ownLane(handle: LaneHandle, producer: Who, consumer: Who): void {
  const words = viewI32(handle.buffer);
  const { capacity, index } = lane.openLane(handle);
  own(words, 0, [], HEADER_WORDS);
  own(words, lane.TAIL_WORD, producer);
  own(words, lane.PRODUCER_ATTACHED_WORD, []);
  own(words, lane.HEAD_WORD, consumer);
  own(words, lane.CONSUMER_ATTACHED_WORD, []);
  ownEventcount(words, lane.PRODUCER_SLEEP_WORD, producer);
  ownEventcount(words, lane.CONSUMER_SLEEP_WORD, consumer);
  const data = words.length - capacity / 4;
  own(words, data - index.length, producer, index.length);
  own(words, data, producer, capacity / 4);
}

/** Who has a place of a ring: whoever took it, until he gives it back; or a part that passes on. */
function ownPlace(words: Words, at: number, who: string | readonly string[] | undefined, by?: readonly string[]): Who {
  if (typeof who === 'string' || who === undefined) return claim(words, at, { holder: who, by });
  own(words, at, who);
  return who;
}

/**
 * event-ring-descriptor.ts. `producers` and `readers` are who is attached when the threads begin, by place; the places
 * after those may be taken by whoever comes. `host`: who frees the places of those that have died.
 */
export function ownEventRing(
  handle: EventRingHandle,
  producers: readonly (string | readonly string[])[],
  readers: readonly (string | readonly string[])[],
  host: readonly string[] = [],
): void {
  const words = viewI32(handle.buffer);
  const open = ring.openEventRing(handle);
  const lines = Array.from({ length: open.producers }, (_, i) => {
    const line = ring.producerLine(open.readers, i);
    const place = ownPlace(words, line + ring.PRODUCER_ATTACHED, producers[i], []);
    ownEventcount(words, line + ring.PRODUCER_SLEEP, place);
    own(words, line + ring.PRODUCER_TASK, place);
    if (open.shared) own(words, line + ring.INTENT_BEGIN, place, 2);
    if (open.shared && open.dataBytes > 0) own(words, line + ring.PRODUCER_USED, place);
    return place;
  });
  const names = producers.flat();
  const single: Who = open.shared ? [] : (lines[0] ?? []);
  own(words, 0, [], HEADER_WORDS);
  if (open.shared) ownShared(words, open, names, host);
  else own(words, ring.END_WORD, single, CURSOR_WORDS);
  own(words, ring.FLOOR_WORD, open.shared ? byExchange(names) : single, CURSOR_WORDS);
  own(words, ring.CLOSED_WORD, open.shared ? names : single);
  own(words, ring.DATA_TAIL_WORD, open.dataBytes > 0 ? single : []);
  for (const word of [ring.SKIPS_WORD, ring.ANY_SKIP_WORD]) own(words, word, open.skips > 0 ? single : []);
  for (let i = 0; i < open.readers; i++) {
    const line = ring.readerLine(i);
    const place = ownPlace(words, line + ring.READER_ATTACHED, readers[i]);
    own(words, line + ring.GATE, place, CURSOR_WORDS);
    ownEventcount(words, line + ring.READER_SLEEP, place);
  }
  // Index and data: those who claim. Which of them claimed a sequence stands in no word; the race check sees to that.
  const voids = open.shared ? 0 : 2 * open.skips * ring.VOID_ENTRY_WORDS;
  // A ring of bare sequences has nothing behind its lines.
  const ownAll = (at: number, who: Who, count: number): void => {
    if (count > 0) own(words, at, who, count);
  };
  ownAll(open.index, names, open.voids - open.index);
  ownAll(open.voids, single, voids);
  ownAll(open.voids + voids, names, words.length - open.voids - voids);
}

/** Words of a shared ring that several threads write. `host` learns of deaths. */
function ownShared(
  words: Words,
  open: ReturnType<typeof ring.openEventRing>,
  producers: readonly string[],
  host: readonly string[],
): void {
  const anybody = [...producers, ...host];
  own(words, ring.CLAIMED_WORD, byExchange(producers), CURSOR_WORDS);
  own(words, ring.END_WORD, byExchange(anybody), CURSOR_WORDS);
  own(words, ring.ORPHANS_WORD, host);
  // Its owner settles a sequence; anybody else makes it void where it was not.
  const states = open.index - open.states;
  own(words, open.states, (change) => producers.includes(change.thread) || byExchange(anybody)(change), states);
}

/** No thread stores: each says what it takes the word to be. */
const byExchange =
  (names: readonly string[]) =>
  ({ thread, operation }: Change): boolean =>
    operation === 'compareExchange' && names.includes(thread);

/** ticket-log-descriptor.ts. */
export function ownTicketLog(
  handle: TicketLogHandle,
  { coordinator, writer, processors }: { coordinator: readonly string[]; writer: Who; processors: readonly Who[] },
): void {
  const words = viewI32(handle.buffer);
  const log = openTicketLog(handle);
  own(words, 0, [], HEADER_WORDS);
  own(words, ISSUED_WORD, coordinator, CURSOR_WORDS);
  own(words, DRAINED_WORD, writer, CURSOR_WORDS);
  own(words, ACKED_WORD, writer, CURSOR_WORDS);
  for (let index = 0; index < log.capacity; index++) {
    const entry = entryWord(log, index);
    // The coordinator's, who makes it free; of a free one of this lap, the processor's who puts its own number there.
    own(words, entry + CLAIM, ({ thread, operation, before, after }) => {
      if (isOne(coordinator, thread)) {
        // A successor fills again what the one before it had not published.
        const isFree = claimantOf(before) === FREE && before >> 8 >= 0 && thread === coordinator[0];
        return !isFree && [FREE, BEING_FILLED].includes(claimantOf(after));
      }
      const takes = claimantOf(before) === FREE && isOfLap(after, before >> 8) && operation === 'compareExchange';
      return takes && isOne(processors[claimantOf(after) - 1] ?? [], thread);
    });
    own(words, entry + 1, coordinator, 3);
  }
}

/** control-block.ts: two lines of the main thread's, then one for each thread. `threads` by number. */
export function ownControl(handle: ControlHandle, main: Who, threads: readonly Who[]): void {
  const words = viewI32(handle.buffer);
  own(words, 0, [], HEADER_WORDS);
  own(words, LINE_WORDS, main, 1 + CURSOR_WORDS);
  for (const [i, thread] of threads.entries()) {
    const line = (2 + i) * LINE_WORDS;
    ownEventcount(words, line, thread);
    own(words, line + 2, thread, CURSOR_WORDS + 2);
  }
}

/** checkpoints.ts: the selected slot, the writer's slots, two lines for each processor, and the writer's lane positions. */
export function ownCheckpoints(handle: CheckpointsHandle, writer: Who, processors: readonly Who[]): void {
  const words = viewI32(handle.buffer);
  own(words, 0, [], HEADER_WORDS);
  own(words, LINE_WORDS, writer);
  own(words, 2 * LINE_WORDS, writer, LINE_WORDS);
  for (const [i, processor] of processors.entries()) {
    const line = (3 + 2 * i) * LINE_WORDS;
    own(words, line, processor, 16);
    own(words, line + LINE_WORDS, writer);
  }
  const lanes = laneWord(processors.length, 0);
  own(words, lanes, writer, words.length - lanes);
}
