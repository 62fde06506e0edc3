/**
 * A ringbuf.js ring from one thread to another, which can be slept on. The library's calls never wait and it leaves waiting to
 * its user, so each side here has a word that counts the other's progress.
 */
import { RingBuffer } from 'ringbuf.js';
import { FIRST_RECORD_WORD, USED_WORDS } from './block.ts';

const RING_WORDS = 256 * 1024;
/** Pushed and popped at a time; at most a half of the ring, so that both sides can work at once. */
export const BLOCK_WORDS: number = 16 * 1024;

const PUSHED = 0;
const POPPED = 32;
const SIGNAL_WORDS = 64;

export interface LaneMemory {
  readonly ring: SharedArrayBuffer;
  readonly signals: SharedArrayBuffer;
}

export function laneMemory(): LaneMemory {
  return {
    ring: RingBuffer.getStorageForCapacity(RING_WORDS, Int32Array),
    signals: new SharedArrayBuffer(SIGNAL_WORDS * Int32Array.BYTES_PER_ELEMENT),
  };
}

export class RingbufLane {
  readonly #ring: RingBuffer;
  readonly #signals: Int32Array;

  constructor(memory: LaneMemory) {
    this.#ring = new RingBuffer(memory.ring, Int32Array);
    this.#signals = new Int32Array(memory.signals);
  }

  /** Pushes the whole block; sleeps until there is room for it. */
  push(block: Int32Array): void {
    const length = block[USED_WORDS];
    this.#waitFor(POPPED, () => this.#ring.availableWrite() >= length);
    this.#ring.push(block, length);
    this.#tell(PUSHED);
  }

  /** Pops the next block; sleeps until there is one. */
  pop(block: Int32Array): void {
    this.#waitFor(PUSHED, () => !this.#ring.empty());
    this.#ring.pop(block, FIRST_RECORD_WORD);
    const rest = block[USED_WORDS] - FIRST_RECORD_WORD;
    if (rest > 0) this.#ring.pop(block, rest, FIRST_RECORD_WORD);
    this.#tell(POPPED);
  }

  #waitFor(signal: number, ready: () => boolean): void {
    for (;;) {
      const seen = Atomics.load(this.#signals, signal);
      if (ready()) return;
      Atomics.wait(this.#signals, signal, seen);
    }
  }

  #tell(signal: number): void {
    Atomics.add(this.#signals, signal, 1);
    Atomics.notify(this.#signals, signal, 1);
  }
}
