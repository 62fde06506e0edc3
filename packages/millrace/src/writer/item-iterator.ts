/** What an iterator over the items of a batch needs of it. */
export interface Indexed<Item> {
  readonly length: number;
  at(index: number): Item;
  copy(index: number): Item;
}

/** The items of a batch as values that stand alone. */
export class ItemIterator<Item> implements Iterator<Item> {
  private readonly batch: Indexed<Item>;
  private index = 0;

  constructor(batch: Indexed<Item>) {
    this.batch = batch;
  }

  next(): IteratorResult<Item, undefined> {
    if (this.index >= this.batch.length) return { done: true, value: undefined };
    return { done: false, value: this.batch.copy(this.index++) };
  }
}

/** The items of a batch as `at` gives them. The iterator is its own result, so that a step makes no object. */
export class ViewIterator<Item> implements IterableIterator<Item> {
  done = false;
  value: Item = undefined as Item;
  private readonly batch: Indexed<Item>;
  private index = 0;

  constructor(batch: Indexed<Item>) {
    this.batch = batch;
  }

  next(): IteratorResult<Item> {
    this.done = this.index >= this.batch.length;
    this.value = this.done ? (undefined as Item) : this.batch.at(this.index++);
    return this;
  }

  [Symbol.iterator](): this {
    return this;
  }
}
