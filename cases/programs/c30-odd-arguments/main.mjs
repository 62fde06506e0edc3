/**
 * What is no number of items is refused with EMIT_REFUSED by `claim` and `commit` of every codec. (Those of i32 threw a TypeError of the
 * engine's for a bigint and a symbol.) The output goes on after it.
 *
 * @modes threads inline
 * @stdout ^i32 EMIT_REFUSED\n11\nu8 EMIT_REFUSED\n11\ni64 EMIT_REFUSED\n11\n$
 */
import { pipeline, sequences } from 'millrace';
import { mode } from '../../support/case.mjs';

for (const codec of ['i32', 'u8', 'i64']) {
  let items = 0;
  const flow = await pipeline({ source: sequences(1) })
    .process(new URL(`./processor.mjs?codec=${codec}`, import.meta.url), { threads: 1 })
    .write((batch) => {
      items += batch.length;
    })
    .start({ mode });
  await flow.ended;
  process.stdout.write(`${items}\n`);
}
