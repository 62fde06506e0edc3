import { i32, processor, writer } from 'millrace';

const lost = () => {
  throw new Error('lost');
};
const reject = () => void Promise.reject(new Error('lost'));
const after = (leave, rest) =>
  processor({
    output: i32,
    process(sequence, output) {
      output.emit(sequence);
      if (sequence === 2) leave();
    },
    ...rest,
  });

export const plain = after(() => {});
export const rejects = after(reject);
export const inMicrotask = after(() => queueMicrotask(lost));
export const inTick = after(() => process.nextTick(lost));
export const inTimer = after(() => setTimeout(lost));
export const rejectsLater = after(() => void Promise.resolve().then(lost));
export const disposes = after(() => {}, { dispose: reject });

const writing = (write, rest) => writer({ write, ...rest });
export const plainWriter = writing(() => {});
export const writeRejects = writing(reject);
export const writeInTick = writing(() => process.nextTick(lost));
export const writeInTimer = writing(() => void setTimeout(lost));
export const writeLater = writing(async () => reject());
export const closeRejects = writing(() => {}, { close: reject });
export const disposeRejects = writing(() => {}, { dispose: reject });
