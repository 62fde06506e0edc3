/**
 * What is nearly right is not taken for something else: a destination that was not called, and methods of a definition with a letter too few.
 * Methods and fields of the user's own are left alone.
 *
 * @modes threads inline
 * @stdout ^toRing, a function that returns one, comit, interestd: told; own methods: taken\n$
 */
import assert from 'node:assert/strict';
import { pipeline, sequences, toRing } from 'millrace';
import { mode, rejection } from '../../support/case.mjs';

const url = new URL('./modules.mjs', import.meta.url);
const run = async (destination, writer = 'default', processor = 'default') => {
  const options = typeof destination === 'function' ? undefined : { export: writer };
  const stage = pipeline({ source: sequences(3) }).process(url, { threads: 1, export: processor });
  const flow = await stage.write(destination, options).start({ mode });
  await flow.ended;
};
const told = async (text, ...given) => assert.match((await rejection(run(...given))).message, text);
await told(/write got toRing itself; call it/, toRing);
await told(/`write` returned a destination: call what makes it/, () => toRing());
await told(/`comit` is no part of it; did you mean `commit`\?/, url, 'mistyped');
await told(/`interestd` is no part of it; did you mean `interested`\?/, () => {}, undefined, 'mistypedProcessor');
await run(url, 'own', 'ownProcessor');
console.log('toRing, a function that returns one, comit, interestd: told; own methods: taken');
