/** ringbuf.js as its users drive it: push and pop typed arrays, and look again while the ring is full or empty. */
import { RingBuffer } from 'ringbuf.js';
import { type LaneProgram, type LaneSetting, RING_BYTES, wordsOf } from './setting.ts';

const POP_WORDS = 4096;

function produceTo(ring: RingBuffer, setting: LaneSetting): undefined {
  const words = wordsOf(setting);
  const batch = new Int32Array(words * setting.publishEvery);
  for (let next = 0; next < setting.records; ) {
    for (let at = 0; at < batch.length; next++) for (const end = at + words; at < end; at++) batch[at] = next;
    for (let pushed = 0; pushed < batch.length; ) pushed += ring.push(batch, batch.length - pushed, pushed);
  }
  return undefined;
}

function consumeFrom(ring: RingBuffer, setting: LaneSetting): number {
  const total = setting.records * wordsOf(setting);
  const popped = new Int32Array(POP_WORDS);
  let sum = 0;
  for (let taken = 0; taken < total; ) {
    const count = ring.pop(popped);
    for (let i = 0; i < count; i++) sum = (sum + popped[i]) | 0;
    taken += count;
  }
  return sum;
}

const attach = (memory: SharedArrayBuffer): RingBuffer => new RingBuffer(memory, Int32Array);

export const program: LaneProgram = {
  allocate() {
    const memory = RingBuffer.getStorageForCapacity(RING_BYTES / Int32Array.BYTES_PER_ELEMENT, Int32Array);
    return { a: memory, b: memory };
  },
  a: (memory: SharedArrayBuffer) => {
    const ring = attach(memory);
    return (setting) => produceTo(ring, setting);
  },
  b: (memory: SharedArrayBuffer) => {
    const ring = attach(memory);
    return (setting) => consumeFrom(ring, setting);
  },
};
