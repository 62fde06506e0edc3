/**
 * The loop of the README with the engine's own `await using`, where there is one (Node 24): a failure of the flow is caught once,
 * and an error of the body is not hidden by what the flow's calls come to.
 *
 * @modes threads inline
 * @stdout ^(\[PROCESSOR_FAILED\] processor 0 failed on sequence 3: on purpose\nmine\nmine|this Node has none)\n$
 * @stderr ^$
 */
import { mode } from '../../support/case.mjs';

const mine = () => {
  throw new Error('mine');
};
if (Number(process.versions.node.split('.')[0]) >= 24) {
  const { loop } = await import('./loop.mjs');
  await loop(mode, 0, 10_000, () => {}).catch(({ message }) => console.log(message));
  await loop(mode, 10, 3, mine).catch(({ message }) => console.log(message));
  await loop(mode, 10, 10_000, mine).catch(({ message }) => console.log(message));
} else console.log('this Node has none');
