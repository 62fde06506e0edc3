import { mutants } from '@millrace/interleave';
import { blocks } from './block-mutants.ts';
import { inFlight } from './in-flight-mutants.ts';
import { ringMutants } from './ring-mutants.ts';
import { succession } from './succession-mutants.ts';
import { flow, rings } from './support/built.ts';

/**
 * Deliberate mistakes in the built code, one at a time. Each has to be rejected by one of the models that it names; they are
 * tried in this order. `find` occurs once in the file; white space matches any white space.
 */
const PARK = 'eventcount: park';
const LAP = 'ticket log: a processor slept through a lap';
const REFILLED = 'ticket log: an entry is filled again while others follow';
const IN_ORDER = 'flow: two processors, items in order of the tickets';
const ROOM = 'flow: a processor sleeps for room in its lane';
const OWNER = 'flow: a producer wakes the processor that has the ticket';

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
    file: flow('writer/acknowledger'),
    find: 'if (coordinator.wake(CAUSES.drained, index)) counters.add(COUNTER.wakes, 1);',
    replace: '',
    models: ['flow: a log of two tickets: the coordinator waits for the writer'],
  },
  {
    name: 'a producer wakes nobody',
    file: flow('flow/ticket-waker'),
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
    find: 'output.publish(this.sequence); bell.shown(); position.publish(this.sequence); counters',
    replace: 'output.publish(this.sequence); position.publish(this.sequence); counters',
    models: ['flow: the end of a ticket wakes the writer'],
  },
  {
    name: 'a processor sleeps and owes the writer a wake-up',
    file: flow('processor/processor-cycle'),
    find: 'this.parts.bell.settle();',
    replace: '',
    models: ['flow: a processor that waits for a ticket owes the writer no wake-up'],
  },
  {
    name: 'ticket end published early',
    file: flow('processor/processor-cycle'),
    find: 'bell.learn(source.loadEnd() - this.end, cadence); while (this.sequence < end) {',
    replace: 'this.loop.output.progress(end); this.loop.output.publish(end); while (this.sequence < end) {',
    models: [ROOM],
  },
  {
    name: 'a processor in emit is not told of room',
    file: flow('writer/acknowledger'),
    find: 'if (processors[i].wake(CAUSES.room, lane.peekReleased())) counters.add(COUNTER.wakes, 1);',
    replace: '',
    models: [ROOM],
  },
  {
    name: 'drained published before acknowledged',
    file: flow('writer/acknowledger'),
    find: 'if (sequence <= acked.peek()) return false;',
    replace:
      'if (sequence >= this.parts.follower.end) this.parts.drained.publish(this.parts.follower.index + 1); if (sequence <= acked.peek()) return false;',
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
    find: 'if (this.reading.sequence >= control.loadEnd()) return true;',
    replace: '',
    models: [
      'flow: drained in the middle of the writer’s ticket',
      'flow: drained while a processor and the writer sleep for the first event',
    ],
  },
  {
    name: 'the writer reads the lane of the wrong ticket',
    file: flow('writer/writer-cycle'),
    find: 'acks.processor = follower.owner;',
    replace: 'acks.processor = 0;',
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
    find: 'this.storeState(STOPPING); this.wakeAll();',
    replace: 'this.storeState(STOPPING);',
    models: ['flow: stopped while a processor sleeps for room'],
  },
  {
    name: 'a stop is taken for the end of the source',
    file: flow('thread/control-block'),
    find: 'this.end.publish(NO_END);',
    replace: '{}',
    models: ['state: a flow that is stopped without an end has none'],
  },
  {
    name: 'draining stored before the end of the source',
    file: flow('thread/control-block'),
    find: 'this.end.publish(sequence); this.storeState(DRAINING);',
    replace: 'this.storeState(DRAINING); this.end.publish(sequence);',
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

const state = mutants([
  {
    name: 'who waits for the end of the flow is told before it ends',
    file: flow('thread/control-block'),
    find: 'store(this.words, STATE_WORD, state); notify(this.words, STATE_WORD);',
    replace: 'notify(this.words, STATE_WORD); store(this.words, STATE_WORD, state);',
    models: ['state: a producer waits for the flow to stop'],
  },
  {
    name: 'a writer leaves its promise when the flow is drained',
    file: flow('thread/control-block'),
    find: 'state !== STOPPING; state = this.loadState()',
    replace: 'state === RUNNING; state = this.loadState()',
    models: ['state: a writer leaves its promise when the flow is drained and stopped'],
  },
]);

export const all = [
  ...ringMutants,
  ...ticketLog,
  ...dutyCycles,
  ...owners,
  ...state,
  ...succession,
  ...blocks,
  ...inFlight,
];
