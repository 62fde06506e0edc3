/** Contracts of this package as suites, for other implementations of a lane or an event ring, and for our own tests. */
export type { Bytes, ContractCase } from './contract.ts';
export {
  type EventRingConfiguration,
  type EventRingProducerUnderTest,
  type EventRingReaderUnderTest,
  type EventRingUnderTest,
  eventRingContract,
} from './event-ring-contract.ts';
export {
  type LaneConfiguration,
  type LaneConsumerUnderTest,
  type LaneProducerUnderTest,
  type LaneUnderTest,
  laneContract,
} from './lane-contract.ts';
