/**
 * Methods of an output are called on it. Who takes one off, by `process(event, { emit })` or `items.forEach(output.emit)`, reads what to
 * write; a TypeError of the user's own is left as it is.
 *
 * @stdout ^taken: call `output.emit\nhanded: call `output.emit\nown: as it is\n$
 */
import { i32, pipeline } from 'millrace';
import { rejection } from '../../support/case.mjs';

for (const name of ['taken', 'handed', 'own']) {
  const flow = await pipeline({ source: i32 })
    .process(new URL('./processors.mjs', import.meta.url), { threads: 1, export: name })
    .write(() => {})
    .start();
  await flow.publish(1).catch(() => {});
  const { message } = await rejection(flow.ended);
  console.log(`${name}: ${/call `output\.emit/.exec(message) ?? 'as it is'}`);
}
