/**
 * A failure that somebody takes is told there and nowhere else, whichever way that is; one that nobody takes is thrown once,
 * also where a promise of a call rejects with it, a loop is in the middle, or a scope ends.
 *
 * @modes threads inline
 * @exit 0
 */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { i32, pipeline, toRing } from 'millrace';
import { mode, rejection, until } from '../../support/case.mjs';

const thrown = [];
process.on('uncaughtException', (error) => thrown.push(error));
process.on('unhandledRejection', (error) => thrown.push(error));

const start = (write = () => {}) =>
  pipeline({ source: i32 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write(write)
    .start({ mode });
const over = async (flow) => {
  await until(() => flow.state === 'failed');
  for (let i = 0; i < 5; i++) await setImmediate();
};
const count = async (flow, expected, what) => {
  await over(flow);
  assert.equal(thrown.splice(0).length, expected, what);
};
const events = [1, 2, 3, 4];

const takers = {
  listener: (flow) => void flow.on('error', () => {}),
  ended: (flow) => void flow.ended.catch(() => {}),
  drain: (flow) => void flow.drain().catch(() => {}),
  'a chain': (flow) =>
    void flow
      .settled()
      .then(() => flow.drain())
      .finally(() => {})
      .catch(() => {}),
  settled: (flow) =>
    void flow.settled().then(
      () => {},
      () => {},
    ),
  'an async function': async (flow) => {
    await rejection(flow.drain());
  },
};
for (const [what, take] of Object.entries(takers)) {
  const flow = await start();
  await flow.publish(events);
  void take(flow);
  void flow.drain();
  void flow.drain().then(() => {});
  await count(flow, 0, what);
}
const ignorers = {
  nobody: () => {},
  'a promise at which nobody looks': (flow) => void flow.drain(),
  'a chain that ends in nothing': (flow) =>
    void flow
      .drain()
      .then(() => {})
      .finally(() => {}),
  'an async function at whose promise nobody looks': (flow) => void (async () => void (await flow.drain()))(),
};
for (const [what, ignore] of Object.entries(ignorers)) {
  const flow = await start();
  await flow.publish(events);
  ignore(flow);
  await count(flow, 1, what);
}

// A loop in the middle is told at its next step, however long that takes.
const flow = await start(toRing());
await flow.publish(events);
const loop = async () => {
  for await (const _ of flow.results()) await over(flow);
};
assert.match(String(await rejection(loop())), /PROCESSOR_FAILED/);
await count(flow, 0, 'a loop in the middle');

// A scope that ends before anybody was told throws it.
const disposed = await rejection(
  (async () => {
    const flow = await start();
    await flow.publish(events);
    await flow[Symbol.asyncDispose]();
  })(),
);
assert.match(String(disposed), /PROCESSOR_FAILED/);
await setImmediate();
assert.deepEqual(thrown, []);
