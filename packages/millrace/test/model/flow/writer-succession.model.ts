import { park } from 'native-free-rings';
import { CAUSES } from '../../../dist/thread/causes.js';
import { runThread, START } from '../support/flow.ts';
import { atOnce, inCommits, knowing } from '../support/stores.ts';
import {
  ALONE,
  fiveThenOne,
  hasPassed,
  heirOf,
  isDelivered,
  processor,
  reader,
  succession,
  writer,
  writerHeir,
} from '../support/succession.ts';

/** The writer dies at any step: into a ring, a function, a store. What it delivers is computed before, where nothing else is said. */
const writers = [
  succession(
    'writers of a ring die one after the other',
    {
      writer,
      heir: writerHeir('writer'),
      heir2: writerHeir('writer', 'heir'),
    },
    {
      heirs: { writer: ['heir', 'heir2'] },
      deaths: 2,
      processors: 2,
      computed: true,
      destination: 16,
      laneBytes: 512,
      issued: [1, 1, 1, 1],
      items: fiveThenOne,
      drainAt: START + 3,
      end: START + 3,
      options: ALONE,
    },
  ),
  succession(
    'the writer of a ring dies while a reader reads',
    { writer, heir: writerHeir('writer'), reader },
    {
      heirs: { writer: ['heir'] },
      computed: true,
      destination: 4,
      issued: [2, 1],
      drainAt: START + 2,
      end: START + 2,
    },
  ),
  succession(
    'the writer of a ring dies before it has woken the reader',
    {
      writer: (flow) => {
        const own = flow.writer();
        runThread(own, () => hasPassed(own, START));
      },
      heir: heirOf(['writer'], (flow) => {
        const own = flow.successor.writer();
        runThread(own, () => hasPassed(own, START));
      }),
      reader: (flow) => {
        const own = flow.reader!();
        own.waitFor(0, park());
        return [own.memory.i32[own.records.offsetOf(0) >> 2]!];
      },
    },
    {
      heirs: { writer: ['heir'] },
      computed: true,
      destination: 4,
      issued: [1, 1],
      end: START + 1,
      long: { preemptions: 4 },
    },
  ),
  succession(
    'the writer of a full ring dies in the middle of a run',
    { writer, heir: writerHeir('writer'), reader },
    {
      heirs: { writer: ['heir'] },
      computed: true,
      destination: 1,
      issued: [1, 1],
      items: () => 2,
      drainAt: START + 1,
      end: START + 1,
    },
  ),
  succession(
    'the writer dies while somebody sleeps for room in its lane',
    {
      sleeper({ sleeper }) {
        const { parker, lane } = sleeper!();
        parker.waitUntil(() => lane.hasRoom(16), CAUSES.room, lane.wantedHead(16, lane.capacity >> 3));
      },
      writer: (flow) => {
        const own = flow.writer();
        runThread(own, () => isDelivered(own, 8));
      },
      heir: heirOf(['writer'], (flow) => {
        const own = flow.successor.writer();
        runThread(own, () => isDelivered(own, 8));
      }),
    },
    {
      heirs: { writer: ['heir'] },
      computed: true,
      sleeper: 'sleeper',
      write: atOnce,
      issued: [1, 1],
      items: () => 17,
      drainAt: START + 1,
      end: START,
      long: { preemptions: 4 },
    },
  ),
  succession(
    'the writer dies while a processor computes and sleeps for room',
    { processor, writer, heir: writerHeir('writer') },
    {
      heirs: { writer: ['heir'] },
      stored: true,
      write: atOnce,
      issued: [1, 1],
      items: () => 17,
      drainAt: START + 1,
      end: START + 1,
      long: { preemptions: 2 },
      longOnly: true,
    },
  ),
  succession(
    'writers into a function die one after the other',
    {
      writer,
      heir: writerHeir('writer'),
      heir2: writerHeir('writer', 'heir'),
    },
    {
      heirs: { writer: ['heir', 'heir2'] },
      deaths: 2,
      computed: true,
      stored: true,
      write: atOnce,
      laneBytes: 512,
      issued: [1, 1, 1],
      items: fiveThenOne,
      drainAt: START + 2,
      end: START + 2,
      options: ALONE,
    },
  ),
  succession(
    'writers into a store that commits die one after the other',
    {
      writer,
      heir: writerHeir('writer'),
      heir2: writerHeir('writer', 'heir'),
    },
    {
      heirs: { writer: ['heir', 'heir2'] },
      deaths: 2,
      computed: true,
      stored: true,
      write: inCommits(),
      laneBytes: 512,
      issued: [1, 1, 1],
      items: fiveThenOne,
      drainAt: START + 2,
      end: START + 2,
      options: ALONE,
    },
  ),
  succession(
    'writers into a store that knows where it stands die one after the other',
    {
      writer,
      heir: writerHeir('writer'),
      heir2: writerHeir('writer', 'heir'),
    },
    {
      heirs: { writer: ['heir', 'heir2'] },
      deaths: 2,
      computed: true,
      once: true,
      write: knowing(),
      laneBytes: 512,
      issued: [1, 1, 1],
      items: fiveThenOne,
      drainAt: START + 2,
      end: START + 2,
      options: ALONE,
    },
  ),
  succession(
    'the writer dies before it has given a slot of the source back',
    {
      main: (flow) => flow.publisher!().publishOne((START + 1) | 0),
      writer: (flow) => {
        const own = flow.writer();
        runThread(own, () => hasPassed(own, START));
      },
      heir: heirOf(['writer'], (flow) => {
        const own = flow.successor.writer();
        runThread(own, () => hasPassed(own, START));
      }),
    },
    {
      heirs: { writer: ['heir'] },
      computed: true,
      ring: 1,
      events: true,
      published: 1,
      stored: true,
      write: atOnce,
      issued: [1, 1],
      end: START + 1,
      long: { preemptions: 4 },
    },
  ),
];

export const all = writers;
