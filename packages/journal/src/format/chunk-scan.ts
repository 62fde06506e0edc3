import fs from 'node:fs';
import { CHUNK_HEAD_BYTES } from './chunk-descriptor.ts';
import { chunkLength, readChunk } from './chunk-reader.ts';
import type { End } from './page.ts';

/** How far the chunks of a segment are whole and follow each other, from `from` on. */
export function scanWhole(path: string, from: End): End {
  const fd = fs.openSync(path, 'r');
  try {
    const { size } = fs.fstatSync(fd);
    const head = Buffer.alloc(CHUNK_HEAD_BYTES);
    let end = from;
    while (end.byte + CHUNK_HEAD_BYTES <= size) {
      fs.readSync(fd, head, 0, head.length, end.byte);
      const length = chunkLength(head, 0);
      if (length === undefined || end.byte + length > size) break;
      const chunk = Buffer.alloc(length);
      fs.readSync(fd, chunk, 0, length, end.byte);
      const span = readChunk(chunk);
      if (typeof span === 'string' || span.begin.sequence !== end.sequence || span.begin.items !== end.items) break;
      end = { byte: end.byte + length, ...span.end };
    }
    return end;
  } finally {
    fs.closeSync(fd);
  }
}
