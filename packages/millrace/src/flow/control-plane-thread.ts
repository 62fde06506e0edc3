/** The coordinator's thread; its main half is control-plane-host.ts. What it answers is coordinator/coordinator-plane.ts. */
import { parentPort } from 'node:worker_threads';
import { expose } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { coordinatorPlane } from '../coordinator/coordinator-plane.ts';

if (parentPort !== null) expose(coordinatorPlane(), nodeEndpoint(parentPort));
