import { describe, expect, it } from 'vitest';
import { verify } from '../dist/harness/contender.js';
import formB from '../dist/millrace/form-b-registry.js';
import rivals from '../dist/rivals/index.js';
import { javaUnavailable } from '../dist/rivals/java.js';
import { expectedAnswer } from '../dist/workloads/expected.js';
import type { Work } from '../dist/workloads/kernel.js';

const THREADS = 2;
const ROUNDS: readonly [Work, number][] = [
  [{ kind: 'w1', K: 0 }, 3_000],
  // The same threads again, a number of events that fills no batch, and none at all.
  [{ kind: 'w1', K: 0 }, 1_537],
  [{ kind: 'w1', K: 0 }, 1],
];
/** One event larger than any buffer. */
const HUGE: [Work, number] = [{ kind: 'w3', hugeItems: 300_000 }, 3];

const isJava = (name: string): boolean => name.startsWith('disruptor');

async function answers(name: string, rounds: readonly [Work, number][], registry = rivals): Promise<void> {
  const running = await (await registry[name]!()).start({ threads: THREADS });
  try {
    for (const [work, events] of rounds) {
      const result = await running.round({ work, events });
      verify(name, JSON.stringify(work), result, expectedAnswer(work, events));
      expect(result.ms).toBeGreaterThan(0);
    }
  } finally {
    await running.stop();
  }
}

describe.each(Object.keys(rivals))('%s', (name) => {
  it.skipIf(isJava(name) && javaUnavailable())('answers W1 right, round after round on the same threads', () =>
    answers(name, ROUNDS),
  );

  it.skipIf(isJava(name))('answers right when one event is larger than all its buffers', () => answers(name, [HUGE]));
});

it.each(Object.keys(formB))('%s answers W1 right in form B', (name) => answers(name, ROUNDS, formB));
