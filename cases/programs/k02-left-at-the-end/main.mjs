/**
 * What user code leaves behind with its last event, batch, `close` or `dispose` fails the flow as well, where nobody catches it:
 * the thread's event loop has a last turn.
 *
 * @stdout ^12 of 12 told\n$
 */
import { pipeline, sequences } from 'millrace';

const url = (name) => new URL(`./${name}.mjs`, import.meta.url);
let told = 0;
const run = async (processor, writer) => {
  const flow = await pipeline({ source: sequences(3) })
    .process(url('modules'), { threads: 1, export: processor })
    .write(url('modules'), { export: writer })
    .start();
  const error = await flow.ended.then(
    () => undefined,
    (reason) => reason,
  );
  if (error?.cause?.message === 'lost') told++;
  else console.log(processor, writer, error);
};
for (const what of ['rejects', 'inMicrotask', 'inTick', 'inTimer', 'rejectsLater', 'disposes'])
  await run(what, 'plainWriter');
for (const what of ['writeRejects', 'writeInTick', 'writeInTimer', 'closeRejects', 'disposeRejects', 'writeLater'])
  await run('plain', what);
console.log(`${told} of 12 told`);
