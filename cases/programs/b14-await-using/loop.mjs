import { i32, pipeline, toRing } from 'millrace';

function* events(from, count) {
  for (let i = from; i < from + count; i++) yield i;
}

/** The loop of the README, word for word, of a flow that fails (`from` 0) or does not, with a body that throws or does not. */
export async function loop(mode, from, count, body) {
  await using flow = await pipeline({ source: i32, capacity: 64 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write(toRing({ capacity: 64 }))
    .start({ mode });
  const published = flow.publish(events(from, count)).then(() => flow.drain());
  for await (const item of flow.results()) await body(item, flow);
  await published;
}
