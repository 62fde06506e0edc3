import { type Flow, runThread, START } from '../support/flow.ts';
import {
  ALONE,
  type Body,
  fiveThenOne,
  heirOf,
  isAt,
  processor,
  processor1,
  processorHeir,
  succession,
  writer,
} from '../support/succession.ts';

/** A coordinator until it has issued `tickets`. */
const coordinate = (own: ReturnType<Flow['coordinator']>, tickets: number): void => {
  const { issuer } = (own.cycle as unknown as { parts: { issuer: { peekIssued(): number } } }).parts;
  runThread(own, () => issuer.peekIssued() >= tickets);
};
const coordinatorTo =
  (tickets: number): Body =>
  (flow) =>
    coordinate(flow.coordinator(), tickets);

const five = () => 5;

/** Alone, so that every step at which a thread may die is explored; in the end the writer delivers what is in the lanes. */
const processors = [
  succession(
    'processors die one after the other',
    {
      processor,
      heir: processorHeir('processor'),
      heir2: processorHeir('processor', 'heir'),
    },
    {
      heirs: { processor: ['heir', 'heir2'] },
      deaths: 2,
      issued: [2, 1, 1],
      items: fiveThenOne,
      laneBytes: 512,
      drainAt: START + 3,
      end: START + 3,
      options: ALONE,
    },
  ),
  succession(
    'one of two processors dies, and the other one takes tickets',
    { processor0: processor, heir: processorHeir('processor0'), processor1 },
    {
      processors: 2,
      heirs: { processor0: ['heir'] },
      issued: [1, 1, 1, 1],
      laneBytes: 512,
      drainAt: START + 2,
      end: START + 2,
    },
  ),
  succession(
    'a processor dies while the writer delivers',
    { processor, heir: processorHeir('processor'), writer },
    { heirs: { processor: ['heir'] }, issued: [2, 1], drainAt: START + 2, end: START + 2 },
  ),
  succession(
    'a processor dies in the middle of a sequence that the writer delivers',
    { processor, heir: processorHeir('processor'), writer },
    { heirs: { processor: ['heir'] }, issued: [1, 1], items: five, drainAt: START + 1, end: START + 1 },
  ),
  succession(
    'a processor has died asleep in emit, with its lane full',
    { heir: (flow) => runThread(flow.successor.processor(0)), writer },
    {
      heirs: { processor: ['heir'] },
      computed: true,
      issued: [1, 1],
      items: () => 17,
      drainAt: START + 1,
      end: START + 1,
    },
  ),
  succession(
    'a processor dies where it sleeps for room in its lane',
    { processor, heir: processorHeir('processor'), writer },
    {
      heirs: { processor: ['heir'] },
      issued: [1, 1],
      items: () => 17,
      drainAt: START + 1,
      end: START + 1,
      long: { preemptions: 2 },
      longOnly: true,
    },
  ),
  succession(
    'a processor has died, and slots of its events are written over',
    {
      main: (flow) => flow.publisher!().publishOne((START + 1) | 0),
      heir: (flow) => {
        const own = flow.successor.processor(0);
        runThread(own, isAt(own, START + 2));
      },
      writer: (flow) => {
        const own = flow.writer();
        runThread(own, () => own.received.length === 2);
        return [...own.received];
      },
    },
    {
      heirs: { processor: ['heir'] },
      computed: true,
      ring: 1,
      events: true,
      published: 1,
      issued: [1, 1, 1],
      end: START + 2,
    },
  ),
  succession(
    'a processor dies while slots of its events are written over',
    {
      main: (flow) => flow.publisher!().publishOne((START + 1) | 0),
      processor: (flow) => {
        const own = flow.processors[0]!();
        runThread(own, isAt(own, START + 2));
      },
      heir: heirOf(['processor'], (flow) => {
        const own = flow.successor.processor(0);
        runThread(own, isAt(own, START + 2));
      }),
      writer: (flow) => {
        const own = flow.writer();
        runThread(own, () => own.received.length === 2);
        return [...own.received];
      },
    },
    {
      heirs: { processor: ['heir'] },
      ring: 1,
      events: true,
      published: 1,
      issued: [1, 1, 1],
      end: START + 2,
      long: { search: 'pct', preemptions: undefined, samples: 20_000 },
      longOnly: true,
    },
  ),
  succession(
    'a processor dies when it has taken the ticket for which the coordinator sleeps',
    {
      coordinator: coordinatorTo(2),
      processor: (flow) => {
        const own = flow.processors[0]!();
        runThread(own, isAt(own, START + 1));
      },
      heir: heirOf(['processor'], (flow) => {
        const own = flow.successor.processor(0);
        runThread(own, isAt(own, START + 1));
      }),
    },
    { heirs: { processor: ['heir'] }, drainAt: START + 1, end: START, playsWriter: false },
  ),
];

const coordinators = [
  succession(
    'the coordinator dies',
    {
      coordinator: coordinatorTo(2),
      heir: heirOf(['coordinator'], (flow) => coordinate(flow.successor.coordinator(), 2)),
      processor: (flow) => {
        const own = flow.processors[0]!();
        runThread(own, isAt(own, START + 1));
      },
    },
    { heirs: { coordinator: ['heir'] }, drainAt: START + 1, end: START, playsWriter: false },
  ),
];

export const all = [...processors, ...coordinators];
