/**
 * What the producers of a flow share with the thread that terminates them.
 *
 *   word 0  1: producers stop and close
 *   word 1  ticks of the main thread's event loop
 *   words 2 + 2p, 3 + 2p, of producer p: events that it has begun to publish; those that were published when a call returned
 */
export class Tally {
  readonly buffer: SharedArrayBuffer;
  private readonly words: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer);
  }

  static for(producers: number): Tally {
    return new Tally(new SharedArrayBuffer(8 + 8 * producers));
  }

  stop(): void {
    Atomics.store(this.words, 0, 1);
  }

  get isStopped(): boolean {
    return Atomics.load(this.words, 0) === 1;
  }

  tick(): void {
    Atomics.add(this.words, 1, 1);
  }

  get ticks(): number {
    return Atomics.load(this.words, 1);
  }

  begin(producer: number, events: number): void {
    Atomics.store(this.words, 2 + 2 * producer, events);
  }

  done(producer: number, events: number): void {
    Atomics.store(this.words, 3 + 2 * producer, events);
  }

  begun(producer: number): number {
    return Atomics.load(this.words, 2 + 2 * producer);
  }

  published(producer: number): number {
    return Atomics.load(this.words, 3 + 2 * producer);
  }

  /** Lets other threads run for a moment. */
  rest(ms: number): void {
    Atomics.wait(this.words, 0, 0, ms);
  }
}
