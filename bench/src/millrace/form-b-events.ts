import { hash } from '../workloads/w1.ts';
import { END_EVENT } from './ring-records.ts';

/** The events of a round and its end: one object, which every publish reads before the next event is asked for. */
export function* eventsOf(count: number): Generator<{ seq: number; x: number }> {
  const event = { seq: 0, x: 0 };
  for (; event.seq < count; event.seq++) {
    event.x = hash(event.seq);
    yield event;
  }
  yield END_EVENT;
}
