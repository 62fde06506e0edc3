/**
 * A processor throws, and nobody awaits anything or listens to `error`: the failure is thrown at the process.
 *
 * @modes threads inline
 * @exit 1
 * @stdout ^started\nfailed\n$
 * @stderr \[PROCESSOR_FAILED\] processor . failed on sequence 3: on purpose
 */
import { i32, pipeline } from 'millrace';
import { mode } from '../../support/case.mjs';

const flow = await pipeline({ source: i32 })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 2 })
  .write(() => {})
  .start({ mode });
flow.on('exit', (state) => console.log(state));
void flow.publish([1, 2, 5, 3]);
console.log('started');
