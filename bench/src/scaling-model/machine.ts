/** A queue of what is to happen, earliest first; what was put in first among equals. */
class Agenda {
  readonly #heap: { readonly at: number; readonly order: number; readonly then: () => void }[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** Time of the earliest entry; Infinity when there is none. */
  get first(): number {
    return this.#heap.length === 0 ? Number.POSITIVE_INFINITY : this.#heap[0].at;
  }

  add(at: number, then: () => void): void {
    const heap = this.#heap;
    const entry = { at, order: this.#order++, then };
    let i = heap.length;
    heap.push(entry);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(entry, heap[parent])) break;
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = entry;
  }

  take(): () => void {
    const heap = this.#heap;
    const { then } = heap[0];
    const last = heap.pop()!;
    if (heap.length === 0) return then;
    let i = 0;
    for (let child = 1; child < heap.length; child = 2 * i + 1) {
      if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
      if (!before(heap[child], last)) break;
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = last;
    return then;
  }
}

const before = (a: { at: number; order: number }, b: { at: number; order: number }): boolean =>
  a.at < b.at || (a.at === b.at && a.order < b.order);

/**
 * Cores that all running threads share evenly, and a clock. With no more threads than cores each runs at full speed; with more,
 * all at the same part of it. So one virtual clock, which runs at that part of real time, orders the ends of all running work.
 */
export class Machine {
  /** Microseconds since the beginning. */
  now = 0;
  #virtual = 0;
  readonly #cores: number;
  readonly #running = new Agenda();
  readonly #timers = new Agenda();

  constructor(cores: number) {
    this.#cores = cores;
  }

  /** Microseconds of full speed that every running thread has had since the beginning. */
  get virtual(): number {
    return this.#virtual;
  }

  /** A thread computes for `us` of a core of its own. */
  run(us: number, then: () => void): void {
    this.#running.add(this.#virtual + us, then);
  }

  /** Something happens after `us`, whatever the cores do. */
  after(us: number, then: () => void): void {
    this.#timers.add(this.now + us, then);
  }

  /** Lets the next thing happen. False when nothing is left. */
  step(): boolean {
    const threads = this.#running.size;
    if (threads === 0 && this.#timers.size === 0) return false;
    const speed = Math.min(1, this.#cores / Math.max(threads, 1));
    const workEnds = this.now + (this.#running.first - this.#virtual) / speed;
    const timer = this.#timers.first;
    const next = Math.min(workEnds, timer);
    if (workEnds <= timer) {
      this.#virtual = this.#running.first;
      this.now = next;
      this.#running.take()();
    } else {
      this.#virtual += (next - this.now) * speed;
      this.now = next;
      this.#timers.take()();
    }
    return true;
  }
}
