/** A MessagePort for each producer: an event is a message, and a number. Counterpart: message-port-thread.ts. */
import { producersContender } from './threads.ts';

export const contender = producersContender(
  'message-port',
  new URL('./message-port-thread.js', import.meta.url),
  () => ({
    data: undefined,
    take: ({ producers, events }, workers) =>
      new Promise((resolve) => {
        let left = producers * events;
        let sum = 0;
        const add = (event: number): void => {
          sum = (sum + event) | 0;
          if (--left > 0) return;
          for (const worker of workers) worker.off('message', add);
          resolve(sum);
        };
        for (const worker of workers) worker.on('message', add);
      }),
  }),
);
