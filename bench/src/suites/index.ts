import { atomics } from './atomics.ts';
import { garbage } from './garbage.ts';
import { journal } from './journal.ts';
import { lanes } from './lanes.ts';
import { limits } from './limits.ts';
import { operationsSuite } from './operations.ts';
import { producers } from './producers.ts';
import { scaling } from './scaling.ts';
import type { Suite } from './suite.ts';
import { topologies } from './topologies.ts';
import { trips } from './trips.ts';
import { w1 } from './w1.ts';
import { w2 } from './w2.ts';
import { w3 } from './w3.ts';
import { writers } from './writers.ts';

export const SUITES: readonly Suite[] = [
  w1,
  w2,
  w3,
  operationsSuite,
  lanes,
  trips,
  producers,
  topologies,
  writers,
  limits,
  journal,
  scaling,
  garbage,
  atomics,
];
