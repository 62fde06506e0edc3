import { mutants } from '@millrace/interleave';
import { flow } from './support/built.ts';

const PROCESSORS = 'succession: processors die one after the other';
const WRITERS = 'succession: writers of a ring die one after the other';
const FULL_RING = 'succession: the writer of a full ring dies in the middle of a run';
const READ_RING = 'succession: the writer of a ring dies before it has woken the reader';
const RECALL = 'succession: what a processor computed is recalled, and who computes it again dies';
const LIVE = 'succession: the writer dies while a processor computes and sleeps for room';
const COMMITS = 'succession: writers die one after the other, whose commits span two processors';
const STALE = 'succession: what a processor computed is recalled, which had died once before';

/** A thread that takes a dead one's place goes on at the exact item (docs/decisions/0008). */
export const succession = mutants([
  {
    name: 'a processor publishes before it notes',
    file: flow('processor/lane-output'),
    find: 'this.outlet.checkpoint.note(this.lane.peekTail(), sequence); this.lane.publish();',
    replace:
      'this.lane.publish(); this.outlet.control.isStopping(); this.outlet.checkpoint.note(this.lane.peekTail(), sequence);',
    models: [PROCESSORS],
  },
  {
    name: 'a processor notes in the slot in force',
    file: flow('thread/checkpoints'),
    find: 'this.current = PROCESSOR_FIELDS - this.current;',
    replace: '',
    models: [PROCESSORS],
  },
  {
    name: 'a processor’s successor notes in the slot in force',
    file: flow('thread/checkpoints'),
    find: 'this.current = this.slots[TAIL] === tail ? 0 : PROCESSOR_FIELDS; this.recall = load(this.words, recallWord(this.index)); return this.slots[this.current + ANSWERED] === this.recall ? small(this.slots[this.current + SHOWN]) : undefined;',
    replace:
      'const at = this.slots[TAIL] === tail ? 0 : PROCESSOR_FIELDS; this.recall = load(this.words, recallWord(this.index)); this.current = PROCESSOR_FIELDS - at; return this.slots[at + ANSWERED] === this.recall ? small(this.slots[at + SHOWN]) : undefined;',
    models: [PROCESSORS],
  },
  {
    name: 'a processor’s successor begins at the acked cursor',
    file: flow('processor/processor-life'),
    find: 'checkpoint.takeOver(lane.peekTail()) ?? ackedCursor(plan.tickets).peek()',
    replace: '(checkpoint.takeOver(lane.peekTail()), ackedCursor(plan.tickets).peek())',
    models: [PROCESSORS],
  },
  {
    name: 'a processor’s successor does not write that it begins again',
    file: flow('processor/processor-cycle'),
    find: 'output.current = this.sequence; output.rewind(this.sequence);',
    replace: 'output.current = this.sequence;',
    models: [PROCESSORS],
  },
  {
    name: 'a processor’s successor takes nothing back',
    file: flow('order/ticket-claimer'),
    find: 'if (claimant === this.claimant && this.takeBack(entry, word)) return true;',
    replace: '',
    models: [PROCESSORS],
  },
  {
    name: 'a ticket is taken back without a second look at its claim word',
    file: flow('order/ticket-claimer'),
    find: 'load(this.log.words, entry + CLAIM) !== word || this.end <= this.from',
    replace: 'this.end <= this.from',
    models: ['ticket log: a successor does not take back what was done before it'],
  },
  {
    name: 'a ticket is taken back from its beginning',
    file: flow('order/ticket-claimer'),
    find: 'this.begin = Math.max(this.begin, this.from); this.takenBack',
    replace: 'this.takenBack',
    models: [PROCESSORS],
  },
  {
    name: 'the coordinator’s successor cuts on from the first ticket that is not drained',
    file: flow('order/ticket-issuer'),
    find: 'const last = entryWord(this.log, issued - 1);',
    replace: 'const last = entryWord(this.log, this.drained.peek());',
    models: ['ticket log: the coordinator dies, and the next one cuts where it ended'],
  },
  {
    name: 'the writer notes after its ring has shown it',
    file: flow('writer/acknowledger'),
    find: 'this.note(); const flushing = this.flush();',
    replace: 'const flushing = this.flush(); this.note();',
    models: [WRITERS],
  },
  {
    name: 'the writer releases the lane before it notes',
    file: flow('writer/acknowledger'),
    find: 'this.note(); const flushing = this.flush();',
    replace: 'this.releaseLanes(); this.note(); const flushing = this.flush();',
    models: [LIVE],
  },
  {
    name: 'the writer notes what is to be committed before it is',
    file: flow('writer/committer'),
    find: 'const flushing = this.flush();',
    replace: 'this.note(); const flushing = this.flush();',
    models: ['succession: writers into a store that commits die one after the other'],
  },
  {
    name: 'a ticket is drained before it is committed',
    file: flow('writer/acknowledger'),
    find: 'if (this.inFlight.isEmpty && !this.isDue) this.publishDrained(index);',
    replace: 'this.publishDrained(index);',
    models: [COMMITS],
  },
  {
    name: 'a lane is given back before what was read is committed',
    file: flow('writer/committer'),
    find: 'endRun() { this.learn();',
    replace: 'endRun() { this.learn(); this.releaseLanes();',
    models: ['flow: committed before given back and acknowledged, and that before drained'],
  },
  {
    name: 'sequences are acknowledged before they are committed',
    file: flow('writer/committer'),
    find: 'endRun() { this.learn();',
    replace: 'endRun() { this.learn(); this.publishAcked();',
    models: ['flow: committed before given back and acknowledged, and that before drained'],
  },
  {
    name: 'the writer’s successor goes on in one lane alone',
    file: flow('writer/writer-life'),
    find: 'lane.skipTo(checkpoint.peekLane(i));',
    replace: 'if (i === from.lane) lane.skipTo(checkpoint.peekLane(i));',
    models: [COMMITS],
  },
  {
    name: 'lanes are noted in the slot in force',
    file: flow('thread/checkpoints'),
    find: 'laneWord(this.processors, 1 - this.current) + index] = position;',
    replace: 'laneWord(this.processors, this.current) + index] = position;',
    models: [COMMITS],
  },
  {
    name: 'lanes are noted when the note is in force already',
    file: flow('writer/acknowledger'),
    find: `for (let i = 0; i < positions.length; i++) checkpoint.noteLane(i, positions[i]);
        checkpoint.note(destination.peekEnd(), sequence, items, lane, laneItems);`,
    replace: `checkpoint.note(destination.peekEnd(), sequence, items, lane, laneItems);
        this.parts.control.isStopping();
        checkpoint.current = 1 - checkpoint.current;
        for (let i = 0; i < positions.length; i++) checkpoint.noteLane(i, positions[i]);
        checkpoint.current = 1 - checkpoint.current;`,
    models: [COMMITS],
  },
  {
    name: 'a commit gives back one lane alone',
    file: flow('writer/acknowledger'),
    find: 'if (lane.peekReleased() === positions[i]) continue;',
    replace: 'if (i !== this.processor || lane.peekReleased() === positions[i]) continue;',
    models: ['succession: writers die one after the other, whose one commit is the last'],
  },
  {
    name: 'a commit drains no ticket',
    file: flow('writer/acknowledger'),
    find: 'if (tickets > this.parts.drained.peek()) this.publishDrained(tickets);',
    replace: '',
    models: [COMMITS],
  },
  {
    name: 'a store keeps a lane until the time for a commit has come',
    file: flow('writer/committer'),
    find: 'if (this.isAtLimit() || this.parts.lanes[this.processor].peekUnreleased() > this.most())',
    replace: 'if (this.isAtLimit())',
    models: ['flow: a processor sleeps for room in its lane, which a commit gives back'],
  },
  {
    name: 'a flow that has delivered everything waits with its commit',
    file: flow('writer/committer'),
    find: 'this.isIdle() || this.isDueNow() || this.isWaitedFor()',
    replace: 'this.isDueNow() || this.isWaitedFor()',
    models: ['flow: a store has everything that has arrived, and commits'],
  },
  {
    name: 'a writer that is closed has not committed',
    file: flow('writer/writer-cycle'),
    find: 'return acks.isOpen() ? this.acknowledge() : this.close();',
    replace: 'return this.close();',
    models: [COMMITS],
  },
  {
    name: 'the writer notes in the slot in force',
    file: flow('thread/checkpoints'),
    find: 'const { slots } = this; this.current = 1 - this.current; const at',
    replace: 'const { slots } = this; const at',
    models: [WRITERS],
  },
  {
    name: 'a note of what the ring does not show is taken for true',
    file: flow('writer/writer-life'),
    find: '(note) => note.destinationEnd <= end',
    replace: '() => true',
    models: [WRITERS],
  },
  {
    name: 'the writer’s successor reads the lane from where it was released',
    file: flow('writer/writer-life'),
    find: 'lane.skipTo(checkpoint.peekLane(i));',
    replace: '',
    models: [WRITERS],
  },
  {
    name: 'the writer’s successor acknowledges nothing that the one before it had noted',
    file: flow('writer/writer-life'),
    find: 'source?.release(from.sequence);',
    replace: '',
    models: ['succession: the writer dies before it has given a slot of the source back'],
  },
  {
    name: 'what is left of a block in hand is noted as done with',
    file: flow('writer/place'),
    find: 'this.positions[view.lane] = from;',
    replace: 'this.positions[view.lane] = batch.segments[0].to;',
    models: [FULL_RING],
  },
  {
    name: 'a replay skips one item too few',
    file: flow('writer/reading'),
    find: 'batch.addRest(lane, piece, before, ',
    replace: 'batch.addRest(lane, piece, Math.max(before - 1, 0), ',
    models: [FULL_RING],
  },
  {
    name: 'a successor wakes nobody',
    file: flow('thread/wake-everybody'),
    find: 'new Control(plan.control).wakeAll();',
    replace: '',
    models: ['succession: the coordinator dies'],
  },
  {
    name: 'a successor wakes nobody who sleeps on a ring',
    file: flow('thread/wake-everybody'),
    find: 'for (const ring of [plan.source.ring, plan.destination]) if (ring !== undefined) wakeRing(ring);',
    replace: '',
    models: [READ_RING],
  },
  {
    name: 'the first rewind is taken for the answer to a recall',
    file: flow('writer/reading'),
    find: '(flags !== RECORD.rewind || count !== -this.replayed)',
    replace: 'flags !== RECORD.rewind',
    models: [STALE],
  },
  {
    name: 'a recall is answered again by whoever comes after the answer',
    file: flow('thread/checkpoints'),
    find: 'return this.slots[this.current + ANSWERED] === this.recall ?',
    replace: 'return this.recall === 0 ?',
    models: [RECALL],
  },
  {
    name: 'the writer’s successor does not ask for a recall that was noted',
    file: flow('writer/writer-cycle'),
    find: 'this.hasToRecall = reading.isDropping();',
    replace: 'this.hasToRecall = false;',
    models: ['succession: the writer dies, which has refused a batch in the middle and had it computed again'],
  },
]);
