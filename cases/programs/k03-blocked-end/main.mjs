/**
 * A `close` or `dispose` that never returns blocks its thread, which so cannot say that it takes too long: the flow says it, and
 * ends the thread.
 *
 * @limit 60
 * @stdout ^close of writer: WRITER_FAILED\ndispose of writer: WRITER_FAILED\ndispose of processor 0: PROCESSOR_FAILED\n$
 */
import { pipeline, sequences } from 'millrace';
import { rejection } from '../../support/case.mjs';

const url = new URL('./modules.mjs', import.meta.url);
for (const [processor, writer] of [
  ['plain', 'closes'],
  ['plain', 'disposes'],
  ['disposing', 'plainWriter'],
]) {
  const flow = await pipeline({ source: sequences(3), startTimeoutMs: 2_000, graceMs: 100 })
    .process(url, { threads: 1, export: processor })
    .write(url, { export: writer })
    .start();
  const { code, message } = await rejection(flow.ended);
  console.log(`${/(\w+ of [\w ]+) has not returned after 2000 ms/.exec(message)?.[1] ?? message}: ${code}`);
}
