/** Batches of records as transferred buffers, which come back as credits. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { PortListener } from '../port-listener.ts';
import { type LaneProgram, type LaneSetting, wordsOf } from './setting.ts';

const BUFFERS = 16;

type Batch = Int32Array<ArrayBuffer>;

function produceTo(port: MessagePort, returned: PortListener<Batch>, setting: LaneSetting): Promise<undefined> {
  const words = wordsOf(setting);
  const credits: Batch[] = Array.from({ length: BUFFERS }, () => new Int32Array(words * setting.publishEvery));
  let next = 0;
  return new Promise((resolve) => {
    const send = (): void => {
      while (next < setting.records) {
        const batch = credits.pop();
        if (!batch) return;
        for (let at = 0; at < batch.length; next++) for (const end = at + words; at < end; at++) batch[at] = next;
        port.postMessage(batch, [batch.buffer]);
      }
      if (credits.length < BUFFERS) return;
      returned.stop();
      resolve(undefined);
    };
    returned.listen((batch) => {
      credits.push(batch);
      send();
    });
    send();
  });
}

function consumeFrom(port: MessagePort, batches: PortListener<Batch>, setting: LaneSetting): Promise<number> {
  const total = setting.records * wordsOf(setting);
  let taken = 0;
  let sum = 0;
  return new Promise((resolve) => {
    batches.listen((batch) => {
      for (let i = 0; i < batch.length; i++) sum = (sum + batch[i]) | 0;
      taken += batch.length;
      port.postMessage(batch, [batch.buffer]);
      if (taken < total) return;
      batches.stop();
      resolve(sum);
    });
  });
}

export const program: LaneProgram = {
  allocate() {
    const { port1, port2 } = new MessageChannel();
    return { a: port1, b: port2, transferOfA: [port1], transferOfB: [port2] };
  },
  a: (port: MessagePort) => {
    const returned = new PortListener<Batch>(port);
    return (setting) => produceTo(port, returned, setting);
  },
  b: (port: MessagePort) => {
    const batches = new PortListener<Batch>(port);
    return (setting) => consumeFrom(port, batches, setting);
  },
};
