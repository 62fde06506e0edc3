/**
 * What the threads of a flow and the thread that kills them share: which shots are left, and which were asked for.
 *
 *   word 0     bell: bumped with each request, and waited for by the main thread
 *   word 1     1 once the flow has started: a thread that runs its `init` from then on is a successor
 *   word 2…    two for each shot: how often it may be taken still; how often it was asked for
 */
export class Board {
  readonly buffer: SharedArrayBuffer;
  private readonly words: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer);
  }

  static for(shots: readonly { readonly times: number }[]): Board {
    const board = new Board(new SharedArrayBuffer(8 + 8 * shots.length));
    for (const [id, { times }] of shots.entries()) board.words[2 + 2 * id] = times;
    return board;
  }

  begin(): void {
    Atomics.store(this.words, 1, 1);
  }

  hasBegun(): boolean {
    return Atomics.load(this.words, 1) === 1;
  }

  /** Takes a shot, of which there are only so many. */
  take(id: number): boolean {
    for (;;) {
      const left = Atomics.load(this.words, 2 + 2 * id);
      if (left <= 0) return false;
      if (Atomics.compareExchange(this.words, 2 + 2 * id, left, left - 1) === left) return true;
    }
  }

  /** Asks the main thread to do it. */
  ask(id: number): void {
    Atomics.add(this.words, 3 + 2 * id, 1);
    this.ring();
  }

  asked(id: number): number {
    return Atomics.load(this.words, 3 + 2 * id);
  }

  ring(): void {
    Atomics.add(this.words, 0, 1);
    Atomics.notify(this.words, 0);
  }

  peekBell(): number {
    return Atomics.load(this.words, 0);
  }

  /** Resolves when the bell has rung since `heard`. */
  async listen(heard: number): Promise<void> {
    const waiting = Atomics.waitAsync(this.words, 0, heard, 1_000);
    if (waiting.async) await waiting.value;
  }
}
