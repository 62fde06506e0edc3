/**
 * Undo log of one exploration. Every change of the modelled world (memory, clocks, waiter lists, positions of the threads)
 * goes through `setWord` or `setReference`, so that the search can go back to any earlier step at a cost that depends on
 * the steps undone and not on the length of the execution.
 */
export class Journal {
  private readonly wordTargets: Int32Array[] = [];
  private readonly wordKeys: number[] = [];
  private readonly wordValues: number[] = [];
  private readonly referenceTargets: unknown[][] = [];
  private readonly referenceKeys: number[] = [];
  private readonly referenceValues: unknown[] = [];

  setWord(target: Int32Array, key: number, value: number): void {
    const old = target[key];
    if (old === value) return;
    this.wordTargets.push(target);
    this.wordKeys.push(key);
    this.wordValues.push(old);
    target[key] = value;
  }

  /** For plain writes, which are done through a view of another width: keeps the old word, the caller then overwrites it. */
  saveWord(target: Int32Array, key: number): void {
    this.wordTargets.push(target);
    this.wordKeys.push(key);
    this.wordValues.push(target[key]);
  }

  setReference<T>(target: T[], key: number, value: T): void {
    this.referenceTargets.push(target);
    this.referenceKeys.push(key);
    this.referenceValues.push(target[key]);
    target[key] = value;
  }

  mark(): Mark {
    return { words: this.wordKeys.length, references: this.referenceKeys.length };
  }

  rollback(mark: Mark): void {
    while (this.wordKeys.length > mark.words) {
      this.wordTargets.pop()![this.wordKeys.pop()!] = this.wordValues.pop()!;
    }
    while (this.referenceKeys.length > mark.references) {
      this.referenceTargets.pop()![this.referenceKeys.pop()!] = this.referenceValues.pop();
    }
  }
}

/** A point in the journal to which it can go back. */
export interface Mark {
  readonly words: number;
  readonly references: number;
}
