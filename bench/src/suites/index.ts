import type { Suite } from './suite.ts';
import { w1 } from './w1.ts';
import { w3 } from './w3.ts';

export const SUITES: readonly Suite[] = [w1, w3];
