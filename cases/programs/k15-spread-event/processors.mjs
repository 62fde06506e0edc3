import { processor, struct, u32, value } from 'millrace';

export const Event = struct({ n: u32 });
const making = (process) => processor({ input: Event, output: value(), process });

export const spread = making((event) => ({ ...event, extra: 1 }));
export const assigned = making((event) => Object.assign({ extra: 1 }, event));
export const copied = making((event) => ({ ...event.toJSON(), extra: 1 }));
