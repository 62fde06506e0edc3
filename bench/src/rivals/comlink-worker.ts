import { parentPort } from 'node:worker_threads';
import { expose, transfer } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { type BatchTask, computeBatch } from './whole-batch.ts';

const api = {
  compute(task: BatchTask): Int32Array {
    const words = computeBatch(task);
    return transfer(words, [words.buffer]);
  },
};

export type ComlinkApi = typeof api;

expose(api, nodeEndpoint(parentPort!));
parentPort!.postMessage('ready');
