/**
 * The load of an open loop: a thread which publishes every event when it is due, whatever the contender does, except that no
 * more than a window of events is on its way (the rest stay due, and their latency grows).
 */
import { dueCount, type Schedule } from '../workloads/w2.ts';
import { deadlineUs, type LatencySetting, WINDOW_EVENTS } from './setting.ts';

/** Written by the reader, one word: events that have come back. */
export type Progress = Int32Array;

const SHORTEST_SLEEP_MS = 0.05;
const FULL_SLEEP_MS = 0.1;

/** Calls `publish(begin, end)` for events that became due, and returns how many were published before the deadline. */
export function makeLoad(
  setting: LatencySetting,
  startUs: number,
  progress: Progress,
  now: () => number,
  publish: (begin: number, end: number) => void,
): number {
  const schedule: Schedule = { ...setting, startUs };
  const endUs = startUs + deadlineUs(setting);
  const sleeper = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  let published = 0;
  while (published < setting.events) {
    const nowUs = now();
    if (nowUs > endUs) break;
    const room = Atomics.load(progress, 0) + WINDOW_EVENTS;
    const end = Math.min(dueCount(schedule, nowUs), room);
    if (end > published) {
      publish(published, end);
      published = end;
    } else if (published === room) {
      Atomics.wait(sleeper, 0, 0, FULL_SLEEP_MS);
    } else if (setting.pacing === 'sleep') {
      const untilDueMs = (startUs + (published * 1e6) / setting.rate - nowUs) / 1e3;
      Atomics.wait(sleeper, 0, 0, Math.max(SHORTEST_SLEEP_MS, untilDueMs));
    }
  }
  return published;
}
