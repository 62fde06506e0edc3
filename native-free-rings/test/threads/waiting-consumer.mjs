import { parentPort, workerData } from 'node:worker_threads';
import { LaneConsumer, park, spin } from 'native-free-rings';

const lane = new LaneConsumer(workerData.handle);
parentPort.postMessage('attached');
lane.waitForRecord(workerData.strategy === 'park' ? park() : spin());
