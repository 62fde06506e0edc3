import { seam } from '../seam.ts';
import type { ElementArray } from './operation.ts';

/** Typed array constructors that the seam hands out views of. */
export type ViewConstructor<T extends ElementArray> = new (
  buffer: SharedArrayBuffer,
  byteOffset?: number,
  length?: number,
) => T;

const reals = new WeakMap<object, ElementArray>();
const cache = new WeakMap<SharedArrayBuffer, CachedView[]>();

interface CachedView {
  readonly View: unknown;
  readonly byteOffset: number | undefined;
  readonly length: number | undefined;
  readonly view: ElementArray;
}

/**
 * A view whose element reads and writes are seen by the checker while a thread body runs, and are real otherwise. It keeps
 * no state, so bodies that are run again share it.
 */
export function createView<T extends ElementArray>(
  View: ViewConstructor<T>,
  buffer: SharedArrayBuffer,
  byteOffset: number | undefined,
  length: number | undefined,
): T {
  seam.memory?.region(buffer);
  let views = cache.get(buffer);
  if (views === undefined) {
    views = [];
    cache.set(buffer, views);
  }
  for (const known of views) {
    if (known.View === View && known.byteOffset === byteOffset && known.length === length) return known.view as T;
  }
  const real = new View(buffer, byteOffset, length);
  const view = new Proxy<ElementArray>(real, handler) as T;
  reals.set(view, real);
  views.push({ View, byteOffset, length, view });
  return view;
}

/** The real array behind a view; an array that is no view is its own. */
export function realOf<T extends ElementArray>(view: T): T {
  return (reals.get(view) as T | undefined) ?? view;
}

export const isView = (array: ElementArray): boolean => reals.has(array);

const ZERO = 48;
const NINE = 57;

function isIndex(key: string | symbol): boolean {
  if (typeof key !== 'string') return false;
  const first = key.charCodeAt(0);
  return first >= ZERO && first <= NINE;
}

const handler: ProxyHandler<ElementArray> = {
  get(real, key) {
    if (isIndex(key)) {
      const bodies = seam.bodies;
      return bodies === null ? real[Number(key)] : bodies.readElement(real, Number(key));
    }
    const value: unknown = Reflect.get(real, key, real);
    if (typeof value !== 'function' || key === 'constructor') return value;
    if (seam.bodies === null) return value.bind(real);
    throw new TypeError(
      `the checker does not see what ${String(key)}() of a shared view touches: use elements or copyBytes`,
    );
  },
  set(real, key, value) {
    const bodies = seam.bodies;
    if (bodies !== null && isIndex(key)) {
      bodies.writeElement(real, Number(key), value as number | bigint);
      return true;
    }
    return Reflect.set(real, key, value, real);
  },
};
