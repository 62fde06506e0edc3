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
class ViewIterator<Item> implements IterableIterator<Item> {
  done = false;
  value: Item = undefined as Item;
  private readonly home: Views<Item>;
  private readonly batch: Indexed<Item>;
  private index = 0;

  constructor(home: Views<Item>, batch: Indexed<Item>) {
    this.home = home;
    this.batch = batch;
  }

  next(): IteratorResult<Item> {
    this.done = this.index >= this.batch.length;
    if (this.done) this.home.end(this);
    this.value = this.done ? (undefined as Item) : this.batch.at(this.index++);
    return this;
  }

  rewind(): void {
    this.done = false;
    this.index = 0;
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/** The iterators over the views of a batch. One that has come to its end is the next one, so that a loop over a batch makes no object. */
export class Views<Item> {
  private readonly batch: Indexed<Item>;
  private ended: ViewIterator<Item> | undefined;

  constructor(batch: Indexed<Item>) {
    this.batch = batch;
  }

  begin(): IterableIterator<Item> {
    const { ended } = this;
    if (ended === undefined) return new ViewIterator(this, this.batch);
    this.ended = undefined;
    ended.rewind();
    return ended;
  }

  end(iterator: ViewIterator<Item>): void {
    this.ended = iterator;
  }
}
