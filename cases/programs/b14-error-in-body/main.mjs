/**
 * The loop of the README, and its body throws: that error arrives, and no other, whatever the background calls come to: all is
 * published by then, or little, or the processor has thrown as well.
 *
 * @modes threads inline
 * @stdout ^mine at 1\nmine at 2\nmine at 0\n$
 * @stderr ^$
 */
import { i32, pipeline, toRing } from 'millrace';
import { mode, until } from '../../support/case.mjs';

function* events(count) {
  for (let i = 10; i < 10 + count; i++) yield i;
}

async function loop(at, source, before = () => {}) {
  const flow = await pipeline({ source: i32, capacity: 64 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write(toRing({ capacity: 64 }))
    .start({ mode });
  try {
    const published = flow.publish(source).then(() => flow.drain());
    for await (const item of flow.results()) {
      if (item !== 10 + at) continue;
      await before(flow);
      throw new Error(`mine at ${at}`);
    }
    await published;
  } finally {
    await flow[Symbol.asyncDispose]();
  }
}

let fail;
async function* failing() {
  yield 10;
  await new Promise((resolve) => {
    fail = resolve;
  });
  yield 3;
}
const failFirst = async (flow) => {
  fail();
  await until(() => flow.state === 'failed');
};
const attempts = [() => loop(1, events(3)), () => loop(2, events(10_000)), () => loop(0, failing(), failFirst)];
for (const attempt of attempts) await attempt().catch((error) => console.log(error.message));
