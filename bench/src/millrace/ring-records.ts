import { i32, struct } from 'millrace';

/** What a flow with a real source ring and a destination ring carries. */
export const RingEvent = struct({ seq: i32, x: i32 });
export const RingItem = struct({ seq: i32, value: i32 });

/** Sequence of the event, and of the one item made of it, with which a producer ends a round. */
export const END = -1;
/** Its `x` is one that every processor takes interest in. */
export const END_EVENT = { seq: END, x: 1 };
export const END_ITEM = { seq: END, value: 0 };
