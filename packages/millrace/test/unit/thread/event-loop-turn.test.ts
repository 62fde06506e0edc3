import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EventLoopTurn } from '../../../src/thread/event-loop-turn.ts';

let now = 0;
beforeEach(() => {
  now = 1_000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => vi.restoreAllMocks());

/** How many pieces of `ms` are done before the event loop has its turn. */
function piecesOf(turn: EventLoopTurn, ms: number): number {
  for (let pieces = 1; ; pieces++) {
    now += ms;
    if (turn.isOver()) return pieces;
  }
}

test.each([
  [0.001, 5_000, 5_016],
  [0.1, 50, 60],
  [1, 5, 5],
  [20, 1, 1],
])('pieces of %d ms are done for 5 ms', async (ms, least, most) => {
  const turn = new EventLoopTurn();
  for (let i = 0; i < 10; i++) {
    const pieces = piecesOf(turn, ms);
    expect(pieces).toBeGreaterThanOrEqual(least);
    expect(pieces).toBeLessThanOrEqual(most);
    await turn.give();
  }
});

test('the clock is looked at every 16 quick pieces, after a long sleep as well', () => {
  const turn = new EventLoopTurn();
  piecesOf(turn, 0.001);
  now += 100;
  turn.begin();
  vi.mocked(performance.now).mockClear();
  const pieces = piecesOf(turn, 0.001);
  expect(vi.mocked(performance.now).mock.calls.length).toBeLessThanOrEqual(pieces / 16 + 1);
});

test('what the event loop took is nobody’s work', () => {
  const turn = new EventLoopTurn();
  now += 100;
  turn.begin();
  expect(piecesOf(turn, 1)).toBe(5);
});

test('other tasks run while it is given', async () => {
  const turn = new EventLoopTurn();
  let ran = false;
  setImmediate(() => {
    ran = true;
  });
  await turn.give();
  expect(ran).toBe(true);
});
