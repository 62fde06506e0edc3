/** Round trip over two lanes of native-free-rings, with each wait strategy; parked, it is twice the wake latency of an eventcount. */
import { createLane, LaneConsumer, type LaneHandle, LaneProducer, type WaitStrategy } from 'native-free-rings';
import { WAITS } from '../wait.ts';
import { type TripProgram, timeTrips } from './setting.ts';

interface Lanes {
  readonly ask: LaneHandle;
  readonly answer: LaneHandle;
}

const LANE_BYTES = 4096;
const RECORD_BYTES = 8;

function ends(out: LaneHandle, back: LaneHandle, wait: WaitStrategy): { send(value: number): void; receive(): number } {
  const producer = new LaneProducer(out);
  const consumer = new LaneConsumer(back);
  return {
    send(value) {
      producer.tryClaim(RECORD_BYTES);
      producer.commit(RECORD_BYTES, value, 1, 0);
      producer.publish();
      producer.wakeConsumer();
    },
    receive() {
      while (!consumer.next()) consumer.waitForRecord(wait);
      consumer.release();
      return consumer.sequence;
    },
  };
}

const waitingBy = (wait: () => WaitStrategy): TripProgram => ({
  allocate() {
    const lanes: Lanes = {
      ask: createLane({ capacityBytes: LANE_BYTES }),
      answer: createLane({ capacityBytes: LANE_BYTES }),
    };
    return { a: lanes, b: lanes };
  },
  a: ({ ask, answer }: Lanes) => {
    const { send, receive } = ends(ask, answer, wait());
    return ({ trips }) =>
      timeTrips(trips, (i) => {
        send(i);
        return receive();
      });
  },
  b: ({ ask, answer }: Lanes) => {
    const { send, receive } = ends(answer, ask, wait());
    return ({ trips }) => {
      for (let i = 0; i < trips; i++) send(receive());
      return undefined;
    };
  },
});

export const park: TripProgram = waitingBy(WAITS.park);
export const spin: TripProgram = waitingBy(WAITS.spin);
export const adaptive: TripProgram = waitingBy(WAITS.adaptive);
