import { setTimeout } from 'node:timers/promises';

/** Requests for files as Node names them, the closing of one among them. */
const isFileRequest = (resource: string): boolean => /^FSReq|Close/.test(resource);

/**
 * Ends this thread while it starts, at a moment when it reads no file: of a thread that is terminated in the middle of an
 * import the process keeps the descriptor.
 */
export async function leave(): Promise<void> {
  while (process.getActiveResourcesInfo().some(isFileRequest)) await setTimeout(1);
  process.exit();
}
