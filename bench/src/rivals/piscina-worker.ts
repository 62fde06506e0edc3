import { move } from 'piscina';
import { type BatchTask, computeBatch } from './whole-batch.ts';

export default (task: BatchTask): Int32Array => move(computeBatch(task)) as unknown as Int32Array;
