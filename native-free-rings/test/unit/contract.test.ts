import {
  createEventRing,
  createLane,
  EventRingProducer,
  EventRingReader,
  LaneConsumer,
  LaneProducer,
} from 'native-free-rings';
import { eventRingContract, laneContract } from 'native-free-rings/testing';
import { describe, test } from 'vitest';

describe('lane contract', () => {
  const suite = laneContract((configuration) => {
    const handle = createLane(configuration);
    return { producer: new LaneProducer(handle), consumer: new LaneConsumer(handle) };
  });
  for (const { name, run } of suite) test(name, run);
});

describe('event ring contract', () => {
  const suite = eventRingContract((configuration) => {
    const handle = createEventRing(configuration);
    return {
      attachProducer: () => new EventRingProducer(handle),
      attachReader: () => new EventRingReader(handle),
    };
  });
  for (const { name, run } of suite) test(name, run);
});
