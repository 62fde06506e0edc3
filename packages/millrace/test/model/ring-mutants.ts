import { mutants } from '@millrace/interleave';
import { sharedRingMutants } from './shared-ring-mutants.ts';
import { rings } from './support/built.ts';

const PARK = 'eventcount: park';
const NEAR = 'cursor: near word, for who attaches late and who has not looked for long';
const LANE = 'lane: one record at a time, wrap at 2^31';
const BATCHES = 'lane: two records in one release';
const REST = 'lane: a rest of 8 bytes before the wrap';
const ENTRIES = 'lane: entries run out before the bytes';
const GROWS = 'lane: a claim grows, behind the wrap';
const KEPT = 'lane: the current record is kept';
const LANE_HEIR = 'lane: the producer dies at any step, and its successor goes on';
const CONSUMER_HEIR = 'lane: the consumer dies at any step, and its successor reads again what was not released';
const OWN_ENTRIES = 'lane: entries of the producer’s own, at the wraps of bytes and entries';
const OWN_HEIR = 'lane: the producer dies at any step among entries of its own, and its successor goes on';
const ENTRY_ROOM = 'lane: a sleeping producer is woken for an eighth of the entries, not for each record';
const ONE_SLOT = 'event ring: one slot';
const TWO_SLOTS = 'event ring: two slots, wrap at 2^31';
const JOINS = [
  'event ring: a reader joins a ring of one slot',
  'event ring: a reader joins while the producer writes over',
];
const VARYING = 'event ring: records of varying length';
const ALL_FREE = 'event ring: full until all of it is free';
const ALL_BYTES_FREE = 'event ring: records of varying length, full until all of it is free';
const SKIPS = 'event ring: skips between records';
const FEW_RANGES = 'event ring: fewer ranges than slots';
const SKIP_DEATH = 'event ring: a producer dies in a skip, and its successor writes records instead';

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
    find: 'if (look()) { sleeper.disarm(armed); return sleeps; } sleeper.sleep(armed);',
    replace: 'sleeper.sleep(armed);',
    models: [PARK],
  },
  {
    name: 'no second look after arming, on an event loop',
    file: rings('wait-strategy'),
    find: 'if (look()) { sleeper.disarm(armed); return sleeps; } await sleeper.sleepAsync(armed);',
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
    models: ['lane: two records in one publish'],
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
    name: 'lane shown before the entry is written',
    file: rings('lane/lane-producer'),
    find: 'const entry = (this.tail & this.indexMask) << ENTRY_SHIFT;',
    replace:
      'store(this.words, TAIL_WORD, (this.tail + 1) | 0); const entry = (this.tail & this.indexMask) << ENTRY_SHIFT;',
    models: [LANE],
  },
  {
    name: 'lane shown before the payload is written, its entry is there',
    file: rings('lane/lane-producer'),
    find: 'this.claimEnd = this.claimAt + room; return this.claimAt;',
    replace: `this.claimEnd = this.claimAt + room;
      const entry = (this.tail & this.indexMask) << ENTRY_SHIFT;
      this.index[entry + SEQUENCE_WORD] = (this.tail - 2 ** 31 + 1) | 0;
      this.index[entry + BEGIN_WORD] = this.end;
      this.index[entry + SIZE_WORD] = (bytes << FLAG_BITS) | 2;
      this.index[entry + COUNT_WORD] = 1;
      store(this.words, TAIL_WORD, (this.tail + 1) | 0);
      return this.claimAt;`,
    models: [LANE],
  },
  {
    name: 'lane released before the record is read',
    file: rings('lane/lane-consumer'),
    find: 'this.offset = this.index[entry + BEGIN_WORD] & this.mask;',
    replace:
      'this.offset = this.index[entry + BEGIN_WORD] & this.mask; store(this.words, HEAD_WORD, (position + 1) | 0);',
    models: [LANE],
  },
  {
    name: 'lane capacity off by eight bytes',
    file: rings('lane/lane-producer'),
    find: 'if (free < need + skip) return false;',
    replace: 'if (free < need + skip - 8) return false;',
    models: ['lane: room for two records'],
  },
  {
    name: 'the entry in front of the head is used again',
    file: rings('lane/lane-producer'),
    find: 'this.maxRecords = lane.entries - 1;',
    replace: 'this.maxRecords = lane.entries;',
    models: ['lane: as much as it holds is taken back'],
  },
  {
    name: 'bytes given back by the entry at the head, not by the one in front of it',
    file: rings('lane/lane-producer'),
    find: 'const entry = ((record - 1) & this.indexMask) << ENTRY_SHIFT;',
    replace: 'const entry = (record & this.indexMask) << ENTRY_SHIFT;',
    models: [LANE],
  },
  {
    name: 'lane room counted twice',
    file: rings('lane/lane-consumer'),
    find: 'store(this.words, HEAD_WORD, position);',
    replace: 'store(this.words, HEAD_WORD, (position + 1) | 0);',
    models: [LANE, 'lane: room for two records'],
  },
  {
    name: 'the current record is released with those in front of it',
    file: rings('lane/lane-consumer'),
    find: 'store(this.words, HEAD_WORD, position);',
    replace: 'store(this.words, HEAD_WORD, this.head);',
    models: [KEPT],
  },
  {
    name: 'lane room compared without regard to the wrap',
    file: rings('lane/lane-producer'),
    find: 'return this.peekEntries() > 0 && ((this.given - wanted) | 0) >= 0;',
    replace: 'return this.peekEntries() > 0 && this.given >= wanted;',
    models: [BATCHES, LANE],
  },
  {
    name: 'lane entries counted without regard to the wrap',
    file: rings('lane/lane-producer'),
    find: 'return this.maxRecords - ((this.tail - this.headCache) | 0);',
    replace: 'return this.maxRecords - (this.tail - this.headCache);',
    models: [ENTRIES],
  },
  {
    name: 'room wanted without the bytes before the wrap',
    file: rings('lane/lane-producer'),
    find: 'const least = need > toWrap ? need + toWrap : need;',
    replace: 'const least = need;',
    models: [REST],
  },
  {
    name: 'a sleeping producer waits for more than will be given back',
    file: rings('lane/lane-producer'),
    find: 'low = middle + 1;',
    replace: 'low = middle + 2;',
    models: ['lane: one record in the way'],
  },
  {
    name: 'a sleeping producer is woken for each entry',
    file: rings('lane/lane-producer'),
    find: 'roomBytes > 0 ? Math.ceil(this.maxRecords / RECORDS_PART) : 1;',
    replace: '1;',
    models: [ENTRY_ROOM],
  },
  {
    name: 'a claim that grows leaves behind what is in it',
    file: rings('lane/lane-producer'),
    find: 'if (this.claimAt !== from && filled > 0) copyBytes(this.memory.u8, this.claimAt, this.memory.u8, from, filled);',
    replace: '',
    models: [GROWS],
  },
  {
    name: 'a claim grows into what was not released',
    file: rings('lane/lane-producer'),
    find: 'if (!this.openWindow(need)) return -1; this.claimAt =',
    replace: 'if (!this.openWindow(need)) this.windowEnd = (this.end + need) | 0; this.claimAt =',
    models: ['lane: a claim grows when room comes back'],
  },
  {
    name: 'what is taken back is shown with the next record',
    file: rings('lane/lane-producer'),
    find: 'this.claimAt = -1; this.tail = this.published;',
    replace: 'this.claimAt = -1;',
    models: ['lane: taken back'],
  },
  {
    name: 'entries of the producer’s own may be as many as a lane has, whatever is in use',
    file: rings('lane/lane-producer'),
    find: 'Math.min(this.peekEntries() - 1,',
    replace: 'Math.min(this.maxRecords - 1,',
    models: [OWN_ENTRIES],
  },
  {
    name: 'entries of the producer’s own go on behind the wrap of the index',
    file: rings('lane/lane-producer'),
    find: 'return Math.min(this.peekEntries() - 1, this.indexMask + 1 - (this.tail & this.indexMask));',
    replace: 'return this.peekEntries() - 1;',
    models: [OWN_ENTRIES],
  },
  {
    name: 'the bytes behind entries of the producer’s own are claimed again',
    file: rings('lane/lane-producer'),
    find: 'this.end = (this.end + bytes) | 0; this.claimAt += bytes;',
    replace: 'this.claimAt += bytes;',
    models: [OWN_ENTRIES],
  },
  {
    name: 'entries of the producer’s own are shown before all of them are written',
    file: rings('lane/lane-producer'),
    find: 'return (this.tail & this.indexMask) << ENTRY_SHIFT; }',
    replace:
      'this.tail = (this.tail + 1) | 0; this.publish(); this.tail = (this.tail - 1) | 0; return (this.tail & this.indexMask) << ENTRY_SHIFT; }',
    models: [OWN_ENTRIES, OWN_HEIR],
  },
  {
    name: 'the successor of a lane’s producer wakes nobody',
    file: rings('lane/lane-producer'),
    find: 'this.consumer.wakeAny();',
    replace: '',
    models: [LANE_HEIR],
  },
  {
    name: 'the successor of a lane’s consumer wakes nobody',
    file: rings('lane/lane-consumer'),
    find: 'this.producer.wakeAny();',
    replace: '',
    models: [CONSUMER_HEIR],
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
    file: rings('event-ring/ring-claims'),
    find: 'this.end.publish(this.next); this.wakeReaders();',
    replace: 'for (const r of this.readers) r.wake(RING_CAUSES.records, this.next); this.end.publish(this.next);',
    models: [ONE_SLOT],
  },
  {
    name: 'ring capacity off by one',
    file: rings('event-ring/ring-claims'),
    find: 'if (begin + count - this.gateCache > this.capacity) return false; } if (this.ring',
    replace: 'if (begin + count - this.gateCache > this.capacity + 1) return false; } if (this.ring',
    models: [ONE_SLOT],
  },
  {
    name: 'ring wakes one of two readers',
    file: rings('event-ring/ring-claims'),
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
    file: rings('event-ring/ring-claims'),
    find: 'this.floor.raise(begin - behind);',
    replace: '',
    models: JOINS,
  },
  {
    name: 'second look at the gates dropped',
    file: rings('event-ring/ring-claims'),
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
    name: 'a producer that wants all of a ring waits for one record more',
    file: rings('event-ring/event-ring-producer'),
    find: 'return high;',
    replace: 'return high + 1;',
    models: [ALL_BYTES_FREE],
  },
  {
    name: 'a producer that wants all of a ring of slots waits for one record more',
    file: rings('event-ring/event-ring-producer'),
    find: 'Math.max(count, least.records, this.capacity >> 3)',
    replace: 'Math.max(count, least.records + 1, this.capacity >> 3)',
    models: [ALL_FREE],
  },
  {
    name: 'room in bytes without the rest before the wrap',
    file: rings('event-ring/record-space'),
    find: 'if (free < need + toWrap) return -1;',
    replace: 'if (free < need) return -1;',
    models: [VARYING],
  },
  {
    name: 'the place of a dead reader is freed without a word',
    file: rings('event-ring/places'),
    find: 'new EventCount(words, producerLine(ring.readers, i) + PRODUCER_SLEEP).wakeAny();',
    replace: '',
    models: ['event ring: a reader dies, its place is freed, and the producer that waited for it goes on'],
  },
  {
    name: 'a skipped range is counted before it is written',
    file: rings('event-ring/void-ranges'),
    find: 'this.bounds[entry] = begin; this.bounds[entry + 1] = end;',
    replace: 'store(this.words, SKIPS_WORD, count + 1); this.bounds[entry] = begin; this.bounds[entry + 1] = end;',
    models: [SKIPS],
  },
  {
    name: 'room for no more ranges than are live at a time',
    file: rings('event-ring/void-ranges'),
    find: 'this.mask = 2 * ring.skips - 1;',
    replace: 'this.mask = ring.skips - 1;',
    models: [SKIPS, FEW_RANGES],
  },
  {
    name: 'ranges of what is not released are written over',
    file: rings('event-ring/void-ranges'),
    find: 'return this.endOf(load(this.words, SKIPS_WORD) - this.window) <= gate;',
    replace: 'return true;',
    models: [FEW_RANGES],
  },
  {
    name: 'no range is known any more once there is another one',
    file: rings('event-ring/void-ranges'),
    find: ' || load(this.words, SKIPS_WORD) !== this.seen',
    replace: '',
    models: [SKIPS],
  },
  {
    name: 'a successor does not know what was skipped and not shown',
    file: rings('event-ring/ring-claims'),
    find: 'this.voids?.lastEnd() ?? 0',
    replace: '0',
    models: [SKIP_DEATH],
  },
  {
    name: 'a range is skipped before what was committed is shown',
    file: rings('event-ring/ring-claims'),
    find: 'this.publishOwn(); return this.skip(',
    replace: 'return this.skip(',
    models: [SKIP_DEATH],
  },
]);

/** Mistakes in `native-free-rings`: see mutants.ts. */
export const ringMutants = [...waiting, ...cursorsAndLanes, ...eventRings, ...sharedRingMutants];
