import { mutants } from '@millrace/interleave';
import { succession } from './succession-mutants.ts';
import { flow, rings } from './support/built.ts';

/**
 * Deliberate mistakes in the built code, one at a time. Each has to be rejected by one of the models that it names; they are
 * tried in this order. `find` occurs once in the file; white space matches any white space.
 */
const PARK = 'eventcount: park';
const LOCK = 'lock: two that block';
const NEAR = 'cursor: near word, for who attaches late and who has not looked for long';
const LANE = 'lane: one record at a time, wrap at 2^31';
const BATCHES = 'lane: two records in one release';
const PADDING = 'lane: padding before the wrap';
const ONE_SLOT = 'event ring: one slot';
const TWO_SLOTS = 'event ring: two slots, wrap at 2^31';
const JOINS = [
  'event ring: a reader joins a ring of one slot',
  'event ring: a reader joins while the producer writes over',
];
const VARYING = 'event ring: records of varying length';
const SHARED = 'shared ring: two producers, commits in any order';
const SHARED_CLOSE = 'shared ring: closed against an open claim';
const LAP = 'ticket log: a processor slept through a lap';
const REFILLED = 'ticket log: an entry is filled again while others follow';
const IN_ORDER = 'flow: two processors, items in order of the tickets';
const ROOM = 'flow: a processor sleeps for room in its lane';
const OWNER = 'flow: a producer wakes the processor that has the ticket';

const waiting = mutants([
  {
    name: 'notify dropped',
    file: rings('eventcount'),
    find: 'return false; notify(this.words, this.at, 1); return true;',
    replace: 'return false; return true;',
    models: [PARK],
  },
  {
    name: 'no second look after arming',
    file: rings('wait-strategy'),
    find: 'if (look()) { sleeper.disarm(armed); return; } sleeper.sleep(armed);',
    replace: 'sleeper.sleep(armed);',
    models: [PARK],
  },
  {
    name: 'no second look after arming, on an event loop',
    file: rings('wait-strategy'),
    find: 'if (look()) { sleeper.disarm(armed); return; } await sleeper.sleepAsync(armed);',
    replace: 'await sleeper.sleepAsync(armed);',
    models: ['eventcount: asleep on an event loop'],
  },
  {
    name: 'waits on the present value instead of the armed one',
    file: rings('eventcount'),
    find: ' wait(this.words, this.at, armed, timeoutMs);',
    replace: ' wait(this.words, this.at, load(this.words, this.at), timeoutMs);',
    models: [PARK],
  },
  {
    name: 'a waker by name does not wake who waits for any',
    file: rings('eventcount'),
    find: 'if (wanted !== waker && wanted !== ANY)',
    replace: 'if (wanted !== waker)',
    models: ['eventcount: wakeFor, one waker by name and then any'],
  },
  {
    name: 'progress compared without regard to the wrap',
    file: rings('eventcount'),
    find: 'if (((progress - load(this.words, this.at + WANTED)) | 0) < 0)',
    replace: 'if (progress < load(this.words, this.at + WANTED))',
    models: [LANE],
  },
  {
    name: 'the cause stays set after a time-out',
    file: rings('eventcount'),
    find: 'wait(this.words, this.at, armed, timeoutMs); // After a time-out or a notify that came late nobody else has cleared the cause. this.disarm(armed);',
    replace: 'wait(this.words, this.at, armed, timeoutMs);',
    models: ['eventcount: a sleep with a time-out, then one without'],
  },
  {
    name: 'wakes whoever sleeps, whatever it sleeps for',
    file: rings('eventcount'),
    find: 'wake(cause, progress) { const seen = load(this.words, this.at); if ((seen & CAUSE_MASK) !== cause)',
    replace: 'wake(cause, progress) { const seen = load(this.words, this.at); if ((seen & CAUSE_MASK) === 0)',
    models: ['eventcount: other causes and unwanted progress wake nobody'],
  },
  {
    name: 'a stop is slept through when a waker died before its notify',
    file: rings('eventcount'),
    find: 'notify(this.words, this.at, 1); return false;',
    replace: 'return false;',
    models: ['eventcount: a waker dies in the middle of its wake-up, and the host says stop'],
  },
  {
    name: 'lock released without notify',
    file: rings('lock'),
    find: 'if (exchange(this.words, this.index, FREE) === CONTENDED) notify(this.words, this.index);',
    replace: 'exchange(this.words, this.index, FREE);',
    models: [LOCK],
  },
  {
    name: 'a contender does not say that it sleeps',
    file: rings('lock'),
    find: 'while (exchange(this.words, this.index, CONTENDED) !== FREE) wait(this.words, this.index, CONTENDED);',
    replace: 'while (exchange(this.words, this.index, HELD) !== FREE) wait(this.words, this.index, HELD);',
    models: [LOCK],
  },
  {
    name: 'lock taken in two steps',
    file: rings('lock'),
    find: 'if (compareExchange(this.words, this.index, FREE, HELD) === FREE) return true;',
    replace:
      'if (compareExchange(this.words, this.index, FREE, FREE) === FREE) { exchange(this.words, this.index, HELD); return true; }',
    models: [LOCK],
  },
]);

const cursorsAndLanes = mutants([
  {
    name: 'wrap at 2^31: unsigned difference',
    file: rings('cursor'),
    find: 'near + ((word - (near | 0)) | 0)',
    replace: 'near + ((word - (near | 0)) >>> 0)',
    models: [NEAR],
  },
  {
    name: 'near word never stored',
    file: rings('cursor'),
    find: 'if (value >= this.nextNear) this.publishNear(value);',
    replace: '',
    models: [NEAR],
  },
  {
    name: 'lane published before the record is written',
    file: rings('lane/lane-producer'),
    find: 'const header = (at - RECORD_HEADER_BYTES) >> 2;',
    replace:
      'store(this.words, TAIL_WORD, (this.tail + RECORD_HEADER_BYTES + alignRecord(bytes)) | 0); const header = (at - RECORD_HEADER_BYTES) >> 2;',
    models: [LANE],
  },
  {
    name: 'lane released before the record is read',
    file: rings('lane/lane-consumer'),
    find: 'this.offset = index + RECORD_HEADER_BYTES;',
    replace: 'this.offset = index + RECORD_HEADER_BYTES; store(this.words, HEAD_WORD, this.head);',
    models: [LANE],
  },
  {
    name: 'lane capacity off by one record header',
    file: rings('lane/lane-producer'),
    find: 'if (free < need + skip) return false;',
    replace: 'if (free < need + skip - RECORD_HEADER_BYTES) return false;',
    models: [BATCHES],
  },
  {
    name: 'lane room counted twice',
    file: rings('lane/lane-consumer'),
    find: 'store(this.words, HEAD_WORD, this.head);',
    replace: 'store(this.words, HEAD_WORD, (this.head + 32) | 0);',
    models: [LANE, 'lane: room for two records'],
  },
  {
    name: 'lane room compared without regard to the wrap',
    file: rings('lane/lane-producer'),
    find: 'return ((this.headCache - wanted) | 0) >= 0;',
    replace: 'return this.headCache >= wanted;',
    models: [BATCHES, LANE],
  },
  {
    name: 'padding taken for a record',
    file: rings('lane/lane-consumer'),
    find: 'if (flags === PADDING) continue;',
    replace: '',
    models: [PADDING],
  },
  {
    name: 'a rest too short for a header is read',
    file: rings('lane/lane-consumer'),
    find: 'if (toWrap < RECORD_HEADER_BYTES) {',
    replace: 'if (toWrap < 8) {',
    models: ['lane: a rest of 8 bytes before the wrap'],
  },
  {
    name: 'room wanted without the padding in front',
    file: rings('lane/lane-producer'),
    find: 'const least = need > toWrap ? need + toWrap : need;',
    replace: 'const least = need;',
    models: [PADDING],
  },
  {
    name: 'a lane’s consumer sleeps without giving room back',
    file: rings('lane/lane-consumer'),
    find: 'waitForRecord(strategy) { this.release(); this.wakeProducer();',
    replace: 'waitForRecord(strategy) {',
    models: ['lane: room comes back when the consumer sleeps'],
  },
]);

const eventRings = mutants([
  {
    name: 'notify before store',
    file: rings('event-ring/event-ring-producer'),
    find: 'this.end.publish(this.next); } if (shown > 0) this.wakeReaders();',
    replace: 'for (const r of this.readers) r.wake(RING_CAUSES.records, this.next); this.end.publish(this.next); }',
    models: [ONE_SLOT],
  },
  {
    name: 'ring capacity off by one',
    file: rings('event-ring/event-ring-producer'),
    find: 'if (begin + count - this.gateCache > this.capacity) return FULL;',
    replace: 'if (begin + count - this.gateCache > this.capacity + 1) return FULL;',
    models: [ONE_SLOT],
  },
  {
    name: 'ring wakes one of two readers',
    file: rings('event-ring/event-ring-producer'),
    find: 'for (let i = 0; i < this.readers.length; i++) this.readers[i].wake(RING_CAUSES.records, end);',
    replace:
      'for (let i = 0; i < this.readers.length; i++) if (this.readers[i].wake(RING_CAUSES.records, end)) return;',
    models: ['event ring: the slower of two readers gates'],
  },
  {
    name: 'gated by one reader only',
    file: rings('event-ring/gate'),
    find: 'for (let i = 0; i < readers; i++) {',
    replace: 'for (let i = 0; i < 1; i++) {',
    models: ['event ring: the slower of two readers gates'],
  },
  {
    name: 'floor not announced before writing over',
    file: rings('event-ring/event-ring-producer'),
    find: 'if (begin - behind > this.floor.loadFar()) this.floor.publish(begin - behind);',
    replace: '',
    models: JOINS,
  },
  {
    name: 'second look at the gates dropped',
    file: rings('event-ring/event-ring-producer'),
    find: 'return begin - Math.max(behind, slowestBehind(this.words, this.ring.readers, begin));',
    replace: 'return begin - behind;',
    models: JOINS,
  },
  {
    name: 'floor not read again on joining',
    file: rings('event-ring/event-ring-reader'),
    find: 'while (floor.loadFar() > this.gate.peek()) {',
    replace: 'while (false) {',
    models: JOINS,
  },
  {
    name: 'a joining reader raises its gate without a word',
    file: rings('event-ring/event-ring-reader'),
    find: `// A producer that saw this gate where it was may sleep for it by now.
      for (const producer of this.producers) producer.wakeAny();`,
    replace: '',
    models: JOINS,
  },
  {
    name: 'a reader leaves without a word',
    file: rings('event-ring/event-ring-reader'),
    find: 'store(this.words, this.attached, READER_FREE); for (const producer of this.producers) producer.wakeAny();',
    replace: 'store(this.words, this.attached, READER_FREE);',
    models: ['event ring: a reader leaves and the producer that waited for it goes on'],
  },
  {
    name: 'a reader releases without a word',
    file: rings('event-ring/event-ring-reader'),
    find: 'if (producer.loadCause() !== RING_CAUSES.room) continue;',
    replace: 'continue;',
    models: [ONE_SLOT],
  },
  {
    name: 'close wakes nobody',
    file: rings('event-ring/event-ring-producer'),
    find: 'for (const reader of this.readers) reader.wakeAny();',
    replace: '',
    models: [ONE_SLOT, TWO_SLOTS],
  },
  {
    name: 'room in bytes without the rest before the wrap',
    file: rings('event-ring/data-space'),
    find: 'if (free < need + toWrap) return -1;',
    replace: 'if (free < need) return -1;',
    models: [VARYING],
  },
  {
    name: 'states not checked before the end moves on',
    file: rings('event-ring/event-ring-producer'),
    find: 'while (end < claimed && (load(this.words, states + (end & (capacity - 1))) & ~1) === end << 1)',
    replace: 'while (end < claimed)',
    models: [SHARED, SHARED_CLOSE],
  },
  {
    name: 'claims of a shared ring without its lock',
    file: rings('event-ring/event-ring-producer'),
    find: 'if (!this.lock.tryAcquire()) return FULL;',
    replace: '',
    models: [SHARED],
  },
  {
    name: 'open claims forgotten at the close',
    file: rings('event-ring/event-ring-reader'),
    find: '&& (!this.ring.shared || this.claimed.loadFar() <= sequence)',
    replace: '',
    models: [SHARED_CLOSE],
  },
  {
    name: 'an aborted claim is published as a record',
    file: rings('event-ring/event-ring-producer'),
    find: 'this.settle(0, true);',
    replace: 'this.settle(0, false);',
    models: ['shared ring: an aborted claim is void'],
  },
]);

const ticketLog = mutants([
  {
    name: 'a ticket claimed without compareExchange',
    file: flow('order/ticket-claimer'),
    find: 'compareExchange(words, entry + CLAIM, word, claimWord(lap, this.claimant)) === word',
    replace:
      'compareExchange(words, entry + CLAIM, load(words, entry + CLAIM), claimWord(lap, this.claimant)) !== undefined',
    models: ['ticket log: two processors claim what is there'],
  },
  {
    name: 'lap not checked in the claim',
    file: flow('order/ticket-claimer'),
    find: 'if (!isOfLap(word, lap)) {',
    replace: 'if (false) {',
    models: [LAP],
  },
  {
    name: 'lap not checked by who follows',
    file: flow('order/ticket-follower'),
    find: 'if (!isOfLap(word, lap)) {',
    replace: 'if (false) {',
    models: [REFILLED],
  },
  {
    name: 'an entry is filled without saying so first',
    file: flow('order/ticket-issuer'),
    find: 'store(words, entry + CLAIM, claimWord(lap, BEING_FILLED));',
    replace: '',
    models: [REFILLED],
  },
  {
    name: 'the claim word is read before the ticket’s other words',
    file: flow('order/ticket-follower'),
    find: `const begin = load(words, entry + BEGIN);
      const length = load(words, entry + LENGTH);
      const flags = load(words, entry + FLAGS);
      // When an entry is filled again its claim word changes first and last: still of this lap, so were the words before it.
      const word = load(words, entry + CLAIM);`,
    replace: `const word = load(words, entry + CLAIM);
      const begin = load(words, entry + BEGIN);
      const length = load(words, entry + LENGTH);
      const flags = load(words, entry + FLAGS);`,
    models: [REFILLED],
  },
  {
    name: 'an entry is filled before its ticket is drained',
    file: flow('order/ticket-issuer'),
    find: 'return this.log.capacity - (this.issued.peek() - this.drained.load());',
    replace: 'return this.log.capacity + 1 - (this.issued.peek() - this.drained.load());',
    models: [REFILLED, 'ticket log: three laps of two entries'],
  },
]);

const dutyCycles = mutants([
  {
    name: 'the coordinator wakes one processor for two tickets',
    file: flow('coordinator/coordinator-cycle'),
    find: 'let left = tickets;',
    replace: 'let left = Math.min(tickets, 1);',
    models: ['flow: one round of the coordinator wakes as many processors as it cut tickets'],
  },
  {
    name: 'a processor takes a ticket without a word',
    file: flow('processor/processor-cycle'),
    find: 'if (coordinator.wake(CAUSES.claims, claimer.index + 1)) counters.add(COUNTER.wakes, 1);',
    replace: '',
    models: ['flow: the coordinator parks for claims, a processor for tickets'],
  },
  {
    name: 'the writer drains a ticket without a word',
    file: flow('writer/writer-cycle'),
    find: 'if (coordinator.wake(CAUSES.drained, follower.index)) counters.add(COUNTER.wakes, 1);',
    replace: '',
    models: ['flow: a log of two tickets: the coordinator waits for the writer'],
  },
  {
    name: 'a producer wakes nobody',
    file: flow('flow/publisher'),
    find: 'this.processors[tickets.owner].wake(CAUSES.input, end);',
    replace: ';',
    models: [OWNER],
  },
  {
    name: 'a processor with a ticket does not look at the source again',
    file: flow('processor/processor-cycle'),
    find: 'return source.loadEnd() > this.sequence || this.sequence >= control.loadEnd();',
    replace: 'return this.sequence >= control.loadEnd();',
    models: [OWNER],
  },
  {
    name: 'a processor with a ticket does not look for the end of the source',
    file: flow('processor/processor-cycle'),
    find: 'return source.loadEnd() > this.sequence || this.sequence >= control.loadEnd();',
    replace: 'return source.loadEnd() > this.sequence;',
    models: ['flow: a producer wakes a processor, and ends the source'],
  },
  {
    name: 'a ticket ends without waking the writer',
    file: flow('processor/processor-cycle'),
    find: 'output.publish(this.sequence); this.wakeWriter(); position.publish(this.sequence); counters',
    replace: 'output.publish(this.sequence); position.publish(this.sequence); counters',
    models: ['flow: the end of a ticket wakes the writer'],
  },
  {
    name: 'ticket end published early',
    file: flow('processor/processor-cycle'),
    find: 'const begin = this.sequence; while (this.sequence < end) {',
    replace: 'const begin = this.sequence; output.progress(end); while (this.sequence < end) {',
    models: [ROOM],
  },
  {
    name: 'a processor in emit is not told of room',
    file: flow('writer/acknowledger'),
    find: 'if (processors[this.processor].wake(CAUSES.room, lane.peekReleased())) counters.add(COUNTER.wakes, 1);',
    replace: '',
    models: [ROOM],
  },
  {
    name: 'drained published before acknowledged',
    file: flow('writer/acknowledger'),
    find: 'if (sequence > acked.peek()) {',
    replace:
      'if (sequence >= this.parts.follower.end) this.parts.drained.publish(this.parts.follower.index + 1); if (sequence > acked.peek()) {',
    models: ['flow: acknowledged before drained'],
  },
  {
    name: 'acknowledged before the destination shows it',
    file: flow('writer/acknowledger'),
    find: 'const flushing = this.flush();',
    replace:
      'if (this.place.sequence > this.parts.acked.peek()) this.parts.acked.publish(this.place.sequence); const flushing = this.flush();',
    models: ['flow: a destination ring with room for one item'],
  },
  {
    name: 'the writer sleeps through a claim',
    file: flow('writer/writer-cycle'),
    find: 'lanes[this.acks.processor].hasNext() : this.takesTicket();',
    replace: 'lanes[this.acks.processor].hasNext() : false;',
    models: [IN_ORDER],
  },
  {
    name: 'the writer does not look for the end of the source',
    file: flow('writer/writer-cycle'),
    find: 'if (this.place.sequence >= control.loadEnd()) return true;',
    replace: '',
    models: [
      'flow: drained in the middle of the writer’s ticket',
      'flow: drained while a processor and the writer sleep for the first event',
    ],
  },
  {
    name: 'the writer reads the lane of the wrong ticket',
    file: flow('writer/writer-cycle'),
    find: 'this.acks.processor = follower.owner;',
    replace: 'this.acks.processor = 0;',
    models: [IN_ORDER],
  },
  {
    name: 'the main thread is not told of acknowledgements',
    file: flow('writer/acknowledger'),
    find: 'main.wake(CAUSES.acks, sequence);',
    replace: '',
    models: ['flow: the main thread waits for acknowledgements'],
  },
  {
    name: 'the source is not given back',
    file: flow('writer/acknowledger'),
    find: 'source?.release(sequence);',
    replace: '',
    models: ['flow: room in the source comes back from the writer'],
  },
  {
    name: 'a processor in emit does not hear of a stop',
    file: flow('processor/processor-life'),
    find: 'control.isStopping() || lane.hasRoom(bytes)',
    replace: 'lane.hasRoom(bytes)',
    models: ['flow: stopped while a processor sleeps for room'],
  },
  {
    name: 'a stop wakes nobody',
    file: flow('thread/control-block'),
    find: 'store(this.words, STATE_WORD, STOPPING); this.wakeAll();',
    replace: 'store(this.words, STATE_WORD, STOPPING);',
    models: ['flow: stopped while a processor sleeps for room'],
  },
  {
    name: 'draining stored before the end of the source',
    file: flow('thread/control-block'),
    find: 'this.end.publish(sequence); if (load(this.words, STATE_WORD) === RUNNING) store(this.words, STATE_WORD, DRAINING);',
    replace:
      'if (load(this.words, STATE_WORD) === RUNNING) store(this.words, STATE_WORD, DRAINING); this.end.publish(sequence);',
    models: [
      'flow: drained in the middle of the writer’s ticket',
      'flow: room in the source comes back from the writer',
    ],
  },
]);

/** Stores into words of others, most of which change no result: the table of owners finds them (I7). */
const owners = mutants([
  {
    name: 'a waker ends a sleep by a store instead of compareExchange',
    file: rings('eventcount'),
    find: 'if (compareExchange(this.words, this.at, seen, seen & ~CAUSE_MASK) !== seen) return false;',
    replace: 'store(this.words, this.at, seen & ~CAUSE_MASK);',
    models: [PARK],
  },
  {
    name: 'a shared ring moves its end when the lock is given back',
    file: rings('event-ring/event-ring-producer'),
    find: 'shown = this.advanceShared(); this.lock.release();',
    replace: 'this.lock.release(); shown = this.advanceShared();',
    models: [SHARED],
  },
  {
    name: 'a shared ring is closed when the lock is given back',
    file: rings('event-ring/event-ring-producer'),
    find: 'store(this.words, CLOSED_WORD, 1); if (this.shared) this.lock.release();',
    replace: 'if (this.shared) this.lock.release(); store(this.words, CLOSED_WORD, 1);',
    models: [SHARED],
  },
  {
    name: 'a processor shows where it is in the line of the first one',
    file: flow('processor/processor-life'),
    find: 'position: control.position(FIRST_PROCESSOR + index)',
    replace: 'position: control.position(FIRST_PROCESSOR)',
    models: [IN_ORDER],
  },
  {
    name: 'who follows the log shows again how far it is issued',
    file: flow('order/ticket-follower'),
    find: 'this.issued.loadFar()',
    replace: '(this.issued.publish(this.issued.loadFar()), this.issued.peek())',
    models: ['flow: one sequence through coordinator, processor and writer'],
  },
]);

export const all = [
  ...waiting,
  ...cursorsAndLanes,
  ...eventRings,
  ...ticketLog,
  ...dutyCycles,
  ...owners,
  ...succession,
];
