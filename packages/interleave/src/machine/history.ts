import { isVisible, type Operation } from './operation.ts';
import type { Spin } from './spin.ts';

/**
 * A thread at one point of its life: everything its accesses returned so far, and the access that it does next.
 *
 * A body is deterministic, so what it does next is a function of the results it got. All histories of a thread form a tree
 * whose edges are results. A body is run (from its start, fed with the results of its history) only to find a node that
 * the tree does not have yet; everywhere else the search walks the tree, and the state of a thread is one pointer into it.
 */
export class History {
  readonly operation: Operation;
  readonly parent: History | null;
  /** What the parent's operation returned on the way to here. */
  readonly result: unknown;
  /** Visible operations before this one. */
  readonly steps: number;
  /** Undefined: not looked at yet. Null: this is not the end of a fruitless round of a spin. */
  spin: Spin | null | undefined = undefined;

  private firstKey: unknown = undefined;
  private firstChild: History | null = null;
  private others: Map<unknown, History> | null = null;

  constructor(operation: Operation, parent: History | null, result: unknown) {
    this.operation = operation;
    this.parent = parent;
    this.result = result;
    this.steps = parent === null ? 0 : parent.steps + (isVisible(parent.operation.kind) ? 1 : 0);
  }

  /** The node after this one if its operation returns `result`. */
  next(result: unknown): History | undefined {
    if (this.firstChild === null) return undefined;
    const key = keyOf(result);
    if (this.firstKey === key) return this.firstChild;
    return this.others?.get(key);
  }

  append(operation: Operation, result: unknown): History {
    const child = new History(operation, this, result);
    const key = keyOf(result);
    if (this.firstChild === null) {
      this.firstKey = key;
      this.firstChild = child;
    } else {
      this.others ??= new Map();
      this.others.set(key, child);
    }
    return child;
  }

  /** Drops what a probe of an endless spin left behind. */
  forgetWhatFollows(): void {
    this.firstChild = null;
    this.others = null;
  }

  /** The nodes from the first access of the body to this one. */
  path(): History[] {
    const path: History[] = [];
    for (let node: History | null = this; node !== null && node.parent !== null; node = node.parent) path.push(node);
    return path.reverse();
  }
}

/** Numbers by Object.is, which a Map and `===` do not do; bytes by content. */
function keyOf(result: unknown): unknown {
  if (typeof result === 'number') {
    if (result === 0 && Object.is(result, -0)) return 'negative zero';
    return Number.isNaN(result) ? 'not a number' : result;
  }
  return result instanceof Uint8Array ? `bytes ${result.join()}` : result;
}
