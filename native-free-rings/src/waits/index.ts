/** `native-free-rings/waits`: for threads with an event loop, waits that can be left while they last. */
export { onAbort } from './abort.ts';
export { after, isDuration, settlesWithin } from './durations.ts';
export { Interrupt } from './interrupt.ts';
export { leavable } from './leavable.ts';
export { closeUnread, interruptible } from './sources.ts';
