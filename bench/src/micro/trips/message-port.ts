/** Round trip over a MessagePort, both sides on their event loop. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { PortListener } from '../port-listener.ts';
import type { TripProgram } from './setting.ts';

function ask(port: MessagePort, answers: PortListener<number>, trips: number): Promise<Float32Array> {
  const latenciesUs = new Float32Array(trips);
  let trip = 0;
  let begin = 0;
  return new Promise((resolve, reject) => {
    const send = (): void => {
      begin = performance.now();
      port.postMessage(trip);
    };
    answers.listen((answer) => {
      latenciesUs[trip] = (performance.now() - begin) * 1e3;
      if (answer !== trip) reject(new Error(`trip ${trip} was answered with ${answer}`));
      if (++trip < trips) {
        send();
        return;
      }
      answers.stop();
      resolve(latenciesUs);
    });
    send();
  });
}

function answer(port: MessagePort, asked: PortListener<number>, trips: number): Promise<undefined> {
  return new Promise((resolve) => {
    asked.listen((trip) => {
      port.postMessage(trip);
      if (trip < trips - 1) return;
      asked.stop();
      resolve(undefined);
    });
  });
}

export const program: TripProgram = {
  allocate() {
    const { port1, port2 } = new MessageChannel();
    return { a: port1, b: port2, transferOfA: [port1], transferOfB: [port2] };
  },
  a: (port: MessagePort) => {
    const answers = new PortListener<number>(port);
    return ({ trips }) => ask(port, answers, trips);
  },
  b: (port: MessagePort) => {
    const asked = new PortListener<number>(port);
    return ({ trips }) => answer(port, asked, trips);
  },
};
