/** Round trip over two ringbuf.js rings, both sides looking again while theirs is empty. */
import { RingBuffer } from 'ringbuf.js';
import { type TripProgram, timeTrips } from './setting.ts';

interface Rings {
  readonly ask: SharedArrayBuffer;
  readonly answer: SharedArrayBuffer;
}

const CAPACITY_WORDS = 64;

function ends(out: SharedArrayBuffer, back: SharedArrayBuffer): { send(value: number): void; receive(): number } {
  const outRing = new RingBuffer(out, Int32Array);
  const backRing = new RingBuffer(back, Int32Array);
  const word = new Int32Array(1);
  return {
    send(value) {
      word[0] = value;
      outRing.push(word);
    },
    receive() {
      while (backRing.pop(word) === 0);
      return word[0];
    },
  };
}

export const spin: TripProgram = {
  allocate() {
    const ring = (): SharedArrayBuffer => RingBuffer.getStorageForCapacity(CAPACITY_WORDS, Int32Array);
    const rings: Rings = { ask: ring(), answer: ring() };
    return { a: rings, b: rings };
  },
  a: ({ ask, answer }: Rings) => {
    const { send, receive } = ends(ask, answer);
    return ({ trips }) =>
      timeTrips(trips, (i) => {
        send(i);
        return receive();
      });
  },
  b: ({ ask, answer }: Rings) => {
    const { send, receive } = ends(answer, ask);
    return ({ trips }) => {
      for (let i = 0; i < trips; i++) send(receive());
      return undefined;
    };
  },
};
