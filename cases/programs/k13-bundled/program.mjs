import { i32, pipeline, threadFiles, toRing } from 'millrace';

if (process.env.DIRECTORY !== '') threadFiles.directory = new URL(process.env.DIRECTORY);

const events = Array.from({ length: 500 }, (_, i) => i);
const started = pipeline({ source: i32 }).process(new URL('./processor.mjs', import.meta.url), { threads: 2 });
const flow = await started.write(toRing({ codec: i32 })).start();
const published = flow.publish(events).then(() => flow.drain());
let items = 0;
for await (const item of flow.results()) if (item === events[items]) items++;
await published;

const count = new Int32Array(new SharedArrayBuffer(4));
const other = await started.write(new URL('./writer.mjs', import.meta.url), { data: count }).start();
await other.publish(events);
await other.drain();
console.log(items, count[0]);
