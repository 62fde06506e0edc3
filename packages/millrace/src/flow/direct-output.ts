import { isMainThread } from 'node:worker_threads';
import type { DirectOutput } from '../thread/thread-output.ts';

/**
 * Which of its streams a thread may write by itself: those that this thread would pass on to the descriptor unchanged. Where
 * somebody has replaced `write`, to capture what is printed, or this thread is a worker itself, threads print as any worker does.
 */
export const directOutput = (): DirectOutput => ({
  stdout: isUnchanged(process.stdout, 1),
  stderr: isUnchanged(process.stderr, 2),
});

// On Windows a console takes no UTF-8 by its descriptor.
const isUnchanged = (stream: NodeJS.WriteStream & { fd?: number }, fd: number): boolean =>
  isMainThread && process.platform !== 'win32' && stream.fd === fd && !Object.hasOwn(stream, 'write');
