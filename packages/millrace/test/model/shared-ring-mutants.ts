import { mutants } from '@millrace/interleave';
import { rings } from './support/built.ts';

const CURSOR = 'cursor: two threads move it on, over a near word';
const COMMITS = 'shared ring: two producers, commits in any order';
const CLOSE = 'shared ring: closed against an open claim';
const DEATH = 'shared ring: a producer dies, and what it had claimed is void';
const ONE_SLOT = 'shared ring: a producer dies where two wait for one slot';
const HEIR = 'shared ring: a producer dies, and another one comes into its place';
const HEIR_WRITES = 'shared ring: a producer dies, and its heir writes over its part of the data';
const GOES_AWAY = 'shared ring: a producer dies, and another one has intended the same and goes away';
const FREER = 'shared ring: a producer dies, and so does who frees its place';

/** Mistakes in the event ring of several producers: see mutants.ts. */
export const sharedRingMutants = mutants([
  {
    name: 'a shared cursor is moved on by a store',
    file: rings('shared-cursor'),
    find: 'if (compareExchange(this.words, this.index, seen, value | 0) !== seen) return false;',
    replace: 'store(this.words, this.index, value | 0);',
    models: [CURSOR, COMMITS],
  },
  {
    name: 'a shared cursor forgets its near word',
    file: rings('shared-cursor'),
    find: 'if (value >= this.nextNear) this.raiseNear(value);',
    replace: '',
    models: [CURSOR],
  },
  {
    name: 'the end moves past a hole',
    file: rings('event-ring/shared-claims'),
    find: 'while ((load(this.words, this.at(next)) & ~1) === next << 1) next++;',
    replace: 'while (next < this.claimed.loadFar()) next++;',
    models: [COMMITS, CLOSE],
  },
  {
    name: 'a claim of a living producer is void',
    file: rings('event-ring/shared-claims'),
    find: ' || this.claimant(sequence) !== 0) return false;',
    replace: ') return false;',
    models: [DEATH, ONE_SLOT],
  },
  {
    name: 'a sequence is void before anybody has claimed it',
    file: rings('event-ring/shared-claims'),
    find: 'if (this.claimed.loadFar() <= sequence || this.claimant(sequence) !== 0) return false;',
    replace: 'if (this.claimant(sequence) !== 0) return false;',
    models: [DEATH, ONE_SLOT],
  },
  {
    name: 'intents are looked at before it is known what is claimed',
    file: rings('event-ring/shared-claims'),
    find: 'if (this.claimed.loadFar() <= sequence || this.claimant(sequence) !== 0) return false;',
    replace: 'if (this.claimant(sequence) !== 0 || this.claimed.loadFar() <= sequence) return false;',
    models: [DEATH, ONE_SLOT],
  },
  {
    name: 'a sequence that its owner has settled meanwhile is void',
    file: rings('event-ring/shared-claims'),
    find: 'compareExchange(this.words, this.at(sequence), state, (sequence << 1) | 1);',
    replace: 'store(this.words, this.at(sequence), (sequence << 1) | 1);',
    models: [DEATH, ONE_SLOT],
  },
  {
    name: 'a slot of the next lap is taken for an orphan of this one',
    file: rings('event-ring/shared-claims'),
    find: 'if ((state & ~1) !== (sequence - this.capacity) << 1) return (state & ~1) === sequence << 1;',
    replace: '',
    models: [ONE_SLOT],
  },
  {
    name: 'a claim is intended after it is made',
    file: rings('event-ring/shared-claims'),
    find: `store(this.words, this.intent + INTENT_BEGIN, begin | 0);
        store(this.words, this.intent + INTENT_COUNT, count);
        if (this.claimed.tryMove(begin + count)) return true;`,
    replace: `if (this.claimed.tryMove(begin + count)) {
          store(this.words, this.intent + INTENT_BEGIN, begin | 0);
          store(this.words, this.intent + INTENT_COUNT, count);
          return true;
        }`,
    models: [DEATH, ONE_SLOT],
  },
  {
    name: 'an intent is taken back before the claim is settled',
    file: rings('event-ring/shared-claims'),
    find: 'for (let i = 0; i < count; i++) {',
    replace: 'store(this.words, this.intent + INTENT_COUNT, 0); for (let i = 0; i < count; i++) {',
    models: [DEATH, ONE_SLOT],
  },
  {
    name: 'the intent of a claim that failed stays',
    file: rings('event-ring/shared-claims'),
    find: 'return true; store(this.words, this.intent + INTENT_COUNT, 0); return false;',
    replace: 'return true; return false;',
    models: [ONE_SLOT],
  },
  {
    name: 'whoever gives an intent up does not look for orphans',
    file: rings('event-ring/ring-claims'),
    find: `// What it intended to claim may be what a dead producer has claimed, and nobody could tell before now.
            this.showOrphans();`,
    replace: '',
    models: [GOES_AWAY],
  },
  {
    name: 'whoever takes the place of a dead producer leaves its intent there',
    file: rings('event-ring/shared-claims'),
    find: `// Whoever had the place before may have died with a claim open.
        store(this.words, this.intent + INTENT_COUNT, 0);`,
    replace: '',
    models: [HEIR],
  },
  {
    name: 'whoever takes the place of a dead producer does not look for orphans',
    file: rings('event-ring/ring-claims'),
    find: 'this.gateCache = this.floor.peek(); this.showOrphans();',
    replace: 'this.gateCache = this.floor.peek();',
    models: [HEIR],
  },
  {
    name: 'the place of a dead producer is free before it is said that there are orphans',
    file: rings('event-ring/places'),
    find: `if (load(words, producerLine(ring.readers, index) + INTENT_COUNT) > 0)
            store(words, ORPHANS_WORD, 1);
        compareExchange(words, attached, seen, PRODUCER_FREE);`,
    replace: `compareExchange(words, attached, seen, PRODUCER_FREE);
        if (load(words, producerLine(ring.readers, index) + INTENT_COUNT) > 0) store(words, ORPHANS_WORD, 1);`,
    models: [FREER],
  },
  {
    name: 'the place of a dead producer is freed, and nobody shows what waited for it',
    file: rings('event-ring/places'),
    find: 'if (ring.shared) showSettled(ring);',
    replace: '',
    models: [DEATH],
  },
  {
    name: 'wake-ups of a dead producer are not repeated',
    file: rings('event-ring/places'),
    find: 'new EventCount(ring.words, readerLine(i) + READER_SLEEP).wakeAny();',
    replace: '{}',
    models: [DEATH, FREER],
  },
  {
    name: 'a successor writes over data that its predecessor’s readers keep',
    file: rings('event-ring/own-region'),
    find: 'if (gate < this.emptyFrom) return 0;',
    replace: '',
    models: [HEIR_WRITES],
  },
  {
    name: 'all producers of a shared ring write into the same data',
    file: rings('event-ring/own-region'),
    find: '((line - producerLine(ring.readers, 0)) / LINE_WORDS) * ring.dataBytes',
    replace: '0',
    models: ['shared ring: records of varying length'],
  },
  {
    name: 'whoever claims in a closed ring does not look again',
    file: rings('event-ring/ring-claims'),
    find: 'if (!this.isClosed()) return begin;',
    replace: 'return begin;',
    models: [CLOSE],
  },
  {
    name: 'a shared ring says where it ends before it is closed',
    file: rings('event-ring/event-ring-producer'),
    find: `store(this.words, CLOSED_WORD, 1);
        // In a shared ring in this order: who claims more than this has not seen \`closed\` before, and sees it after.
        const end = sharing?.claimed.loadFar() ?? this.next;`,
    replace: 'const end = sharing?.claimed.loadFar() ?? this.next; store(this.words, CLOSED_WORD, 1);',
    models: [CLOSE],
  },
  {
    name: 'open claims forgotten at the close',
    file: rings('event-ring/event-ring-reader'),
    find: '&& (!this.ring.shared || this.claimed.loadFar() <= sequence)',
    replace: '',
    models: [CLOSE],
  },
  {
    name: 'an aborted claim is published as a record',
    file: rings('event-ring/ring-claims'),
    find: `throw nothingClaimed('abort');
        this.settle(0);`,
    replace: `throw nothingClaimed('abort');
        this.settle(this.claimCount);`,
    models: ['shared ring: an aborted claim is void'],
  },
]);
