/** One event ring for all producers: each claims, fills and publishes one slot of 8 bytes at a time. Counterpart: shared-ring-thread.ts. */
import { createEventRing, EventRingReader } from 'native-free-rings';
import { MOST_PRODUCERS } from './setting.ts';
import { producersContender } from './threads.ts';

const CAPACITY = 2 ** 14;

export const contender = producersContender(
  'event-ring-shared',
  new URL('./shared-ring-thread.js', import.meta.url),
  () => {
    const handle = createEventRing({ capacity: CAPACITY, slotBytes: 8, readers: 1, producers: MOST_PRODUCERS });
    const ring = new EventRingReader(handle);
    const items = ring.memory.f64;
    return {
      data: handle,
      async take({ producers, events }) {
        let next = ring.peekNext();
        const last = next + producers * events;
        let sum = 0;
        while (next < last) {
          await ring.waitForAsync(next);
          for (const end = ring.peekEnd(); next < end; next++) sum = (sum + items[next & (CAPACITY - 1)]!) | 0;
          ring.release(next);
        }
        return sum;
      },
    };
  },
);
