/** What the tests of failures share with fixtures/failure-*.mjs. */
import type { ProcessOptions, WriteOptions } from 'millrace';
import { fixture, type Given, type Num, until } from './lifecycle.ts';

const TROUBLED = fixture('processors.mjs').href.replace('lifecycle-', 'failure-');
export const REFUSING = fixture('writers.mjs').href.replace('lifecycle-', 'failure-');

/** Words shared with a processor or a writer: what each is for, the fixtures say. */
export class Trouble {
  readonly words = new Int32Array(new SharedArrayBuffer(64));

  /** There is trouble `times` times. */
  constructor(times: number) {
    this.words[2] = times;
  }

  get data(): { words: SharedArrayBuffer } {
    return { words: this.words.buffer as SharedArrayBuffer };
  }

  open(): void {
    Atomics.store(this.words, 0, 1);
    Atomics.notify(this.words, 0);
  }

  /** Resolves when somebody has come to the place where there is trouble, `times` times. */
  async come(times = 1): Promise<void> {
    await until(() => Atomics.load(this.words, 1) >= times);
  }

  read(word: number): number {
    return Atomics.load(this.words, word);
  }
}

export interface TroubleOptions {
  how: 'exit' | 'throw' | 'loop' | 'memory' | 'timer' | 'unhandled' | 'never';
  at?: number;
  /** Before which of the event's items, and how many items an event has. */
  after?: number;
  items?: number;
  export?: string;
  /** The first init that fails, and the first one after it that does not. */
  goodInits?: number;
  badInits?: number;
  /** Events that kill the thread of `poisoned`. */
  poison?: readonly number[];
  /** How many items `fewer` makes at the second attempt. */
  again?: number;
}

/** A flow whose processor gets into trouble. */
export function troubled(
  trouble: Trouble,
  { export: name = 'default', at = 5, ...rest }: TroubleOptions,
  { process, ...given }: Given & { process?: ProcessOptions; writeOptions?: WriteOptions } = {},
): Given {
  return {
    module: new URL(TROUBLED),
    process: { export: name, data: { at, ...rest, ...trouble.data }, ...process },
    ...given,
  };
}

/** What the processors of failure-processors.mjs make of these events, by an oracle that has no threads. */
export const itemsOf = (events: readonly Num[], items = 1): Num[] =>
  events.flatMap(({ n }) => Array.from({ length: items }, (_, i) => ({ n: n * 1000 + i })));
