/**
 * What a thread prints. A worker's own `process.stdout` hands a text to the main thread by a message, one at a time, and waits
 * for an answer that it cannot hear while it computes or sleeps: what it prints meanwhile comes late, and of a thread that is
 * terminated never. So a thread writes to the descriptor itself, wherever that is what the main thread would do with the text.
 */
import { writeSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { settlesWithin } from 'native-free-rings/waits';
import { allocate, viewI32, wait } from '#atomics';

/** Which streams a thread may write by itself. The others go by way of the main thread, as in any worker. */
export interface DirectOutput {
  readonly stdout: boolean;
  readonly stderr: boolean;
}

interface Chunk {
  readonly chunk: string | Uint8Array;
  readonly encoding: BufferEncoding | 'buffer';
}
type Done = (error?: Error | null) => void;
type Sink = Writable & { _writev(chunks: readonly Chunk[], done: Done): void };

/** Between two attempts to write into a pipe that is full. */
const FIRST_WAIT_MS = 1;
const MOST_WAIT_MS = 50;

export function printDirectly({ stdout, stderr }: DirectOutput): void {
  if (stdout) replace(process.stdout as unknown as Sink, 1);
  if (stderr) replace(process.stderr as unknown as Sink, 2);
}

/** Below `write`, so that encodings, callbacks and events stay the stream's. */
function replace(stream: Sink, fd: number): void {
  // Bound to what a worker's stream is made of: one that is not made so is left alone.
  if (typeof stream._writev !== 'function') return;
  const post = stream._writev.bind(stream);
  let isRefused = false;
  stream._writev = (chunks, done) => {
    const bytes = Buffer.concat(chunks.map(bytesOf));
    const written = isRefused ? bytes.length : writeAll(fd, bytes);
    if (written < bytes.length) {
      // Nobody reads the pipe any more. The main thread is refused as well, once, and says so: what follows is for nobody.
      isRefused = true;
      post([{ chunk: bytes.subarray(written), encoding: 'buffer' }], () => {});
    }
    done();
  };
}

const bytesOf = ({ chunk, encoding }: Chunk): Uint8Array =>
  typeof chunk === 'string' ? Buffer.from(chunk, encoding === 'buffer' ? 'utf8' : encoding) : chunk;

/** Returns how many of the bytes were written: all of them, unless the descriptor refuses. */
function writeAll(fd: number, bytes: Uint8Array): number {
  let written = 0;
  let waitMs = FIRST_WAIT_MS;
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written);
      waitMs = FIRST_WAIT_MS;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return written;
      wait(NOBODY, 0, 0, waitMs);
      waitMs = Math.min(waitMs * 2, MOST_WAIT_MS);
    }
  }
  return written;
}

/** A word that nobody wakes anybody on. */
const NOBODY = viewI32(allocate(4));

/** Resolves when all that was printed is out of this thread, or the main thread does not take it. */
export async function printed(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0) await settlesWithin(new Promise((resolve) => stream.write('', resolve)), PRINT_MS);
  }
}
const PRINT_MS = 1_000;
