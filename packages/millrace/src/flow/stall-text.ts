import type { HeadOfLine } from './stats.ts';

/** What a warning about a stalled flow needs to know beside its head of line. */
export interface StallSurroundings {
  readonly name: string;
  /** Readers of the destination ring that are attached; undefined where the destination is not a ring. */
  readonly readers: number | undefined;
  /** The writer is a function on the flow's thread, or a module. */
  readonly writer: 'ring' | 'function' | 'module';
}

const ITSELF = 'wait in it for nothing that this flow has to do first (drain, settled, publish into a full ring)';

/** Who waits for what, and what to do about it. */
export function describeStall(head: HeadOfLine, { name, readers, writer }: StallSurroundings): string {
  const { sequence, ageMs } = head;
  const since = `the flow "${name}" has waited for sequence ${sequence} for ${Math.round(ageMs / 100) / 10} seconds`;
  return `${since}: ${reason(head, readers, writer)}. (Listen to the event \`stall\` to handle this yourself; \`stallMs\` says when it comes.)`;
}

function reason(head: HeadOfLine, readers: number | undefined, writer: StallSurroundings['writer']): string {
  const { thread } = head;
  if (thread === 'coordinator')
    return 'no processor has taken it yet: they are being started or replaced, or busy with events before it';
  switch (head.cause) {
    case 'demand':
      if (readers === undefined) return 'the writer has said that it takes no more: call context.ready(n)';
      if (readers === 0)
        return 'the destination ring is full and nobody reads it: read flow.results() while you publish';
      return 'the destination ring is full, and its slowest reader takes nothing: go on with its loop, leave it, or revoke its handle';
    case 'ack':
      return writer === 'function'
        ? `the promise that the writer function returned is pending: ${ITSELF}`
        : 'the promise that `write`, or `commit`, of the writer returned is pending: look for what it waits';
    case 'linger':
      return 'the writer has items of it in hand, and collects more: make `lingerMs` less than stallMs';
    case 'deadLetter':
      return `the promise that \`deadLetters\` returned is pending: ${ITSELF}`;
    case 'promise':
      return `${thread} waits for the promise that \`process\` returned: look for what it waits`;
    case 'backoff':
      return `${thread} pauses before it tries again what has failed: see onError and onNack`;
    case 'room':
      return `${thread} waits for room in its lane, and the writer makes none: look at the writer`;
    case 'producer':
      return `the ${thread} keeps an event open that it has claimed, and all that comes after it waits: call commit() or abort()`;
    case 'none':
      if (thread === 'writer') {
        const writing =
          'the writer is in the middle of `write`: look for what it does, raise stallMs if it may take so long';
        return writer === 'module' ? writing : `${writing}, or give it a module and so a thread of its own`;
      }
      return `${thread} has been computing it for ${Math.round((head.eventMs ?? 0) / 100) / 10} seconds: raise stallMs if an event may take so long`;
    default:
      return `${thread} waits for ${head.cause}`;
  }
}
