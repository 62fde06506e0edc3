import { parentPort, workerData } from 'node:worker_threads';
import { attachProducer, value } from 'millrace';

const producer = attachProducer(workerData, value());
const codes = new Set();
const refused = (call) => {
  try {
    call();
  } catch (error) {
    codes.add(error.code);
  }
};
const told = [];
for (const call of [() => producer.close(), () => producer.publish({ n: 0 })]) {
  producer.publish({
    get n() {
      refused(call);
      return told.length + 1;
    },
  });
  told.push(...codes);
  codes.clear();
}
parentPort.postMessage(told);
await new Promise((resolve) => setTimeout(resolve, 50));
producer.publish({
  get n() {
    return process.exit(7);
  },
});
