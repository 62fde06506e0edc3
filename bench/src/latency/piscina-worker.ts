import { onlyItem, W2_K } from '../workloads/w2.ts';

export default (seq: number): number => onlyItem(seq, W2_K);
