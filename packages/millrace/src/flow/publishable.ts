/** One event, or many of them. An array is always many. */
export type Publishable<Event> = Event | Iterable<Event> | AsyncIterable<Event>;

export const isAsyncIterable = <T>(value: unknown): value is AsyncIterable<T> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

/** Text and bytes are iterable, and each is one event. */
export const isMany = <T>(value: unknown): value is Iterable<T> =>
  typeof value === 'object' && value !== null && Symbol.iterator in value && !ArrayBuffer.isView(value);
