import { type Writer, writer } from 'millrace';
import foldingWriter, { folded } from './folding-writer.ts';

/** Enough for the compiler to have done with the fold, and done in milliseconds. */
const SAMPLES = 4_096;
const TIMES = 200;

/** As `folding-writer.ts`, and has its fold compiled before the flow goes live. */
const warmedFoldingWriter: Writer<number> = writer<number>({
  ...foldingWriter,
  warmUp(batchOf) {
    const batch = batchOf(Array.from({ length: SAMPLES }, (_, i) => i));
    let checksum = 0;
    for (let i = 0; i < TIMES; i++) checksum = folded(batch, 0, checksum);
  },
});

export default warmedFoldingWriter;
