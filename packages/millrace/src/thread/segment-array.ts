import type { ArrayName, Memory } from '@millrace/codec';

/** The typed array over a lane of items that are numbers. */
export type SegmentArray = Memory[ArrayName];
