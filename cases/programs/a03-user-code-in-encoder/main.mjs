/**
 * User code that runs inside an encoder: getters that give another value at each read, that emit, publish, drain or append.
 * Nothing that was delivered is torn, and each is refused with its sequence or taken whole.
 *
 * @modes threads inline
 * @stdout ^encoders stay whole\n$
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEventJournal } from '@millrace/journal';
import { i32, pipeline, struct, toRing, value } from 'millrace';
import { collect, mode, rejection } from '../../support/case.mjs';

const events = Array.from({ length: 40 }, (_, n) => n);

async function run(name, { source = i32, given = events, ...options } = {}) {
  const letters = [];
  const flow = await pipeline({ source, deadLetters: (letter) => void letters.push(letter) })
    .process(new URL('./processor.mjs', import.meta.url), {
      threads: 1,
      export: name,
      onError: 'dead-letter',
      ...options,
    })
    .write(toRing())
    .start({ mode });
  const reading = collect(flow.results());
  await flow.publish(given);
  await flow.drain();
  return { items: await reading, letters };
}

// A text that is longer at the second read: taken as it is at the last one.
const longer = await run('longer', { batchBytes: 256 });
assert.deepEqual(longer.letters, []);
assert.deepEqual(
  longer.items.map(({ n }) => n),
  events,
);
for (const { text } of longer.items) assert.match(text, /^x+$/);

// One that grows for ever is refused.
const growing = await run('growing', { laneBytes: 2 ** 20, batchBytes: 64 });
assert.deepEqual(
  growing.items.map(({ n }) => n),
  events.filter((n) => n !== 7),
);
assert.deepEqual(
  growing.letters.map(({ sequence, cause }) => [sequence, cause.code]),
  [[7, 'EMIT_REFUSED']],
);

for (const name of ['nestedStruct', 'nestedValue']) {
  const nested = await run(name);
  assert.deepEqual(
    nested.items.map(({ n }) => n),
    events.filter((n) => n !== 7),
    name,
  );
  assert.deepEqual(
    nested.letters.map(({ sequence, cause }) => [sequence, cause.code]),
    [[7, 'EMIT_REFUSED']],
    name,
  );
  assert.match(nested.letters[0].cause.message, /in the middle of an emit, of sequence 7/);
}

// What i32 does not hold is refused in the codec's words.
const odd = await run('odd');
assert.deepEqual(
  odd.items,
  events.filter((n) => n > 3),
);
assert.deepEqual(
  odd.letters.map(({ cause }) => cause.code),
  Array(4).fill('WRONG_TYPE'),
);
for (const { cause } of odd.letters) assert.match(cause.message, /does not fit i32/);

// Publishing and draining inside a getter of an event that is being published.
const Point = struct({ x: i32 });
for (const source of [Point, value()]) {
  const flow = await pipeline({ source })
    .process(new URL('./processor.mjs', import.meta.url), {
      threads: 1,
      export: source === Point ? 'points' : 'values',
    })
    .write(toRing())
    .start({ mode });
  const reading = collect(flow.results());
  const event = (inside) => ({
    get x() {
      return inside();
    },
  });
  for (const inside of [() => flow.tryPublish({ x: 2 }), () => flow.drain()]) {
    let told;
    try {
      flow.tryPublish(
        event(() => {
          try {
            inside()?.catch?.((error) => (told ??= error));
          } catch (error) {
            told = error;
          }
          return 1;
        }),
      );
    } catch (error) {
      told ??= error;
    }
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(told?.code, 'EVENT_REFUSED', String(told));
  }
  await flow.publish({ x: 2 });
  await flow.drain();
  assert.deepEqual(await reading, [1, 1, 2]);
}

// The same in a journal of events.
const dir = mkdtempSync(join(tmpdir(), 'millrace-case-'));
try {
  const journal = await openEventJournal({ dir, codec: value() });
  let inner;
  await journal.append({
    get x() {
      inner ??= journal.append({ x: 'inner' });
      inner.catch(() => {});
      return 'outer';
    },
  });
  assert.equal((await rejection(inner)).code, 'EVENT_REFUSED');
  assert.equal(await journal.append({ x: 'next' }), 1);
  assert.deepEqual(await collect(journal.replay()), [{ x: 'outer' }, { x: 'next' }]);
  await journal.close();
} finally {
  rmSync(dir, { recursive: true });
}
console.log('encoders stay whole');
