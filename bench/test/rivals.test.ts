import { describe, expect, it } from 'vitest';
import { verify } from '../dist/harness/contender.js';
import { isJava, standingOf } from '../dist/harness/standing.js';
import formB from '../dist/millrace/form-b-registry.js';
import rivals from '../dist/rivals/index.js';
import { javaUnavailable } from '../dist/rivals/java.js';
import { w1 } from '../dist/suites/w1.js';
import { w3 } from '../dist/suites/w3.js';
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

/** The Java program and the bounds have W1 alone. */
const hasW1Alone = (name: string): boolean => isJava(name) || standingOf(name) === 'bound';

async function answers(name: string, rounds: readonly [Work, number][], registry = rivals): Promise<void> {
  const running = await (await registry[name]!()).start({ threads: THREADS });
  try {
    for (const [work, events] of rounds) {
      const result = await running.round({ work, events });
      verify(name, JSON.stringify(work), result, expectedAnswer(work, events));
      expect(result.ms).toBeGreaterThan(0);
      expect(result.cpuMs).toBeGreaterThan(0);
    }
  } finally {
    await running.stop();
  }
}

describe.each(Object.keys(rivals))('%s', (name) => {
  it.skipIf(isJava(name) && javaUnavailable())('answers W1 right, round after round on the same threads', () =>
    answers(name, ROUNDS),
  );

  it.skipIf(hasW1Alone(name))('answers right when one event is larger than all its buffers', () =>
    answers(name, [HUGE]),
  );
});

it('everything that W1 and W3 compare is there, both styles of user code and both bounds among it', () => {
  const all = [...Object.keys(rivals), ...Object.keys(formB)];
  expect([...w1.contenders(), ...w3.contenders()].filter((name) => !all.includes(name))).toEqual([]);
  expect(w1.contenders()).toEqual(
    expect.arrayContaining(['millrace', 'millrace-claim', 'millrace-flyweight', 'bound-bulk', 'bound-emit']),
  );
});

it.each(['bound-bulk', 'bound-emit'])('%s refuses what it is no bound of', async (name) => {
  await expect(answers(name, [HUGE])).rejects.toThrow('a bound computes W1 only, not w3');
});

/** At K = 20,000 a ticket has 32 events. */
it.each(['bound-bulk', 'bound-emit'])('%s answers right with tickets of every size', async (name) => {
  for (const [K, events] of [
    [0, 10_000],
    [500, 1_200],
    [20_000, 65],
  ]) {
    await answers(name, [[{ kind: 'w1', K: K! }, events!]]);
  }
});

it.each(Object.keys(formB))('%s answers W1 right in form B', (name) => answers(name, ROUNDS, formB));
