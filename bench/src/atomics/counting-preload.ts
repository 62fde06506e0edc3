/** For `node --import`: every thread of the process, workers included, counts its atomic operations. */
import { count } from './counting.ts';

count();
