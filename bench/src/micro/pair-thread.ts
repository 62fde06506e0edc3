/** One thread of a pair. Counterpart: `pair.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import type { PairProgram, PairThreadData } from './pair.ts';

const { module, program, side, memory } = workerData as PairThreadData;
const programs = (await import(module)) as Record<string, PairProgram<unknown, unknown, unknown>>;
const round = programs[program][side](memory as never);

parentPort!.on('message', async (setting: unknown) => parentPort!.postMessage(await round(setting)));
parentPort!.postMessage('ready');
