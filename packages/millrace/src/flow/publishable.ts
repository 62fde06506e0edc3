import { types } from 'node:util';
import type { Codec } from '@millrace/codec';
import { closeUnread } from 'native-free-rings/waits';

/**
 * One event, or many of them. What is given is one event where it is no iterable, and where the codec of the source takes it
 * as one value; else it is many.
 *
 * | given | source of `value()` | of `bytes()` | of `struct`, numbers, `text` |
 * | --- | --- | --- | --- |
 * | a string | one | one, refused | one |
 * | a Map, a Set | one | many | many |
 * | a typed array, a Buffer | one | one | many numbers |
 * | an ArrayBuffer, a DataView | one | one | one, refused |
 * | an array, a generator, any other iterable | many | many | many |
 * | an async iterable, a Node stream, a Web stream | many, as they come | likewise | likewise |
 *
 * To publish an array as one event of a `value()` source, wrap it: `publish([array])`. `tryPublish` always takes one event.
 */
export type Publishable<Event> = Event | Iterable<Event> | AsyncIterable<Event>;

export const isAsyncIterable = <T>(value: unknown): value is AsyncIterable<T> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

/** True where `value` is many events for a source of this codec: see {@link Publishable}. */
export function isMany<T>(value: unknown, codec: Codec<unknown, never> | undefined): value is Iterable<T> {
  if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) return false;
  const type = codec?.schema.type;
  if (ArrayBuffer.isView(value)) return type !== 'value' && type !== 'bytes';
  // Brands, and not prototypes: these may be of another realm.
  return type !== 'value' || !(types.isMap(value) || types.isSet(value));
}

/** Publishes once `ready` is. What is refused then is closed, as what is refused at once. */
export async function publishAfter(
  ready: Promise<void>,
  events: unknown,
  publish: () => Promise<void> | undefined,
): Promise<void> {
  await ready;
  let publishing: Promise<void> | undefined;
  try {
    publishing = publish();
  } catch (error) {
    closeUnread(events);
    throw error;
  }
  await publishing;
}
