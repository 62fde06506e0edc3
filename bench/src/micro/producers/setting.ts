/** Several threads produce numbers, one event at a time, and this process's main thread takes them all. */
export interface ProducersSetting {
  readonly producers: number;
  /** Of each. */
  readonly events: number;
}

export interface ProducersResult {
  readonly ms: number;
  /** Of all numbers that came, as a 32-bit integer. */
  readonly sum: number;
}

/** Threads that are there; a round takes the first ones. */
export const MOST_PRODUCERS = 4;

/** Producer p's event i is this. */
export const eventOf = (producer: number, i: number): number => Math.imul(i, MOST_PRODUCERS) + producer;

export function expectedSum({ producers, events }: ProducersSetting): number {
  let sum = 0;
  for (let producer = 0; producer < producers; producer++) {
    for (let i = 0; i < events; i++) sum = (sum + eventOf(producer, i)) | 0;
  }
  return sum;
}
