import { mutants } from '@millrace/interleave';
import { flow } from './support/built.ts';

const THREE = 'succession: the writer dies with three batches in flight';
const REFUSED = 'succession: the writer dies with a batch refused and another one in flight';
const RECALL = 'succession: a batch is computed again, and what was taken behind it is not handed over again';
const COMMITS = 'succession: the writer dies, which commits, with three batches in flight';
const LANES = 'succession: writers die one after the other with a batch of two lanes';

/** Batches that wait for their promises, or for more items. */
export const inFlight = mutants([
  {
    name: 'what is behind an open batch is acknowledged',
    file: flow('writer/in-flight'),
    find: 'return this.open.length === 0 ? this.ahead : this.open[0].begin;',
    replace: 'return this.ahead;',
    models: [THREE],
  },
  {
    name: 'the last open batch says how far everything has come',
    file: flow('writer/in-flight'),
    find: 'return this.open.length === 0 ? this.ahead : this.open[0].begin;',
    replace: 'return this.open.length === 0 ? this.ahead : this.open.at(-1).begin;',
    models: [THREE],
  },
  {
    name: 'a ticket is drained when it is read, with its batch in flight',
    file: flow('writer/acknowledger'),
    find: 'if (this.inFlight.isEmpty && !this.isDue) this.publishDrained(index);',
    replace: 'if (!this.isDue) this.publishDrained(index);',
    models: [THREE],
  },
  {
    name: 'one batch more is in flight than there may be',
    file: flow('writer/delivery'),
    find: 'return this.inFlight.pending < this.most ? undefined : this.untilFree();',
    replace: 'return this.inFlight.pending <= this.most ? undefined : this.untilFree();',
    models: [RECALL],
  },
  {
    name: 'a refused batch is answered when the writer comes to it',
    file: flow('writer/delivery'),
    find: 'if (this.inFlight.find(FLIGHT.refused) !== undefined) return this.untilFree();',
    replace: '',
    models: [REFUSED],
  },
  {
    name: 'what was taken behind a batch that is computed again is forgotten',
    file: flow('writer/delivery'),
    find: 'this.had.behind(inFlight);',
    replace: '',
    models: [RECALL],
  },
  {
    name: 'a batch is computed again while another one is in flight',
    file: flow('writer/delivery'),
    find: 'const { acks, inFlight } = this; await this.waitForAll();',
    replace: 'const { acks, inFlight } = this;',
    models: [RECALL],
  },
  {
    name: 'a recall reads on from the ticket at which it was',
    file: flow('writer/delivery'),
    find: 'follower.index = inFlight.ahead.tickets;',
    replace: '',
    models: [RECALL],
  },
  {
    name: 'other lanes are not read again after a recall',
    file: flow('writer/acknowledger'),
    find: 'if (i !== lane) lanes[i].moveTo(ahead.positions[i]);',
    replace: '',
    models: [RECALL],
  },
  {
    name: 'a commit holds what lies behind a batch in flight',
    file: flow('writer/committer'),
    find: 'return this.inFlight.isInHand;',
    replace: 'return true;',
    models: [COMMITS],
  },
  {
    name: 'the last piece of a batch of two lanes does not count as read',
    file: flow('writer/collecting'),
    find: 'if (isHolding) delivery.hold();',
    replace: '',
    models: [LANES],
  },
  {
    name: 'what is collected counts as delivered',
    file: flow('writer/delivery'),
    find: 'this.held ??= this.inFlight.add(this.batch);',
    replace: 'if (this.held === undefined) { this.held = this.inFlight.add(this.batch); this.inFlight.open.pop(); }',
    models: [LANES],
  },
]);
