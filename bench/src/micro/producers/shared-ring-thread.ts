/** Producing half of `shared-ring.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { type EventRingHandle, EventRingProducer, FULL, park } from 'native-free-rings';
import { eventOf } from './setting.ts';

const { producer, data } = workerData as { producer: number; data: EventRingHandle };
const ring = new EventRingProducer(data);
const wait = park();

function produce(events: number): void {
  const items = ring.memory.f64;
  for (let i = 0; i < events; i++) {
    let sequence = ring.tryClaim();
    while (sequence === FULL) {
      ring.waitForRoom(wait);
      sequence = ring.tryClaim();
    }
    items[ring.offsetOf(sequence) >> 3] = eventOf(producer, i);
    ring.commit();
    ring.publish();
  }
}

parentPort!.on('message', produce);
parentPort!.postMessage('ready');
