import type { Bodies } from './machine/bodies.ts';
import type { Memory } from './machine/memory.ts';

/**
 * What `#atomics` talks to at this moment. The checker is single-threaded and runs one body at a time, so this is one
 * record for the whole process.
 */
export interface Seam {
  /** The model whose setup, body or after() is running; its buffers are registered as they are seen. */
  memory: Memory | null;
  /** Set while a thread body runs: its accesses are modelled. Otherwise accesses are real. */
  bodies: Bodies | null;
}

export const seam: Seam = { memory: null, bodies: null };
