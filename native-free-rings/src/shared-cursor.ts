import { compareExchange, load } from '#atomics';
import { Cursor } from './cursor.ts';

/** A cursor that several threads move on, by compareExchange of its word 0. `near` is raised before, by compareExchange too. */
export class SharedCursor extends Cursor {
  /** Moves the cursor from what this thread saw last on to `value`. False where another thread was faster: look again. */
  tryMove(value: number): boolean {
    const seen = this.value | 0;
    if (value >= this.nextNear) this.raiseNear(value);
    if (compareExchange(this.words, this.index, seen, value | 0) !== seen) return false;
    this.value = value;
    return true;
  }

  /** Moves the cursor on to `value` where it is not as far. */
  raise(value: number): void {
    while (this.loadFar() < value && !this.tryMove(value));
  }

  /** Where the move then fails, `near` is a unit ahead at most, which `loadFar` allows for. */
  private raiseNear(value: number): void {
    const near = this.nearOf(value);
    for (let seen = load(this.words, this.index + 1); seen < near; ) {
      const before = compareExchange(this.words, this.index + 1, seen, near);
      if (before === seen) return;
      seen = before;
    }
  }
}
