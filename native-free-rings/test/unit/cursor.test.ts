import fc from 'fast-check';
import { CURSOR_WORDS, Cursor, distance, extend } from 'native-free-rings';
import { expect, test } from 'vitest';

const words = () => new Int32Array(new SharedArrayBuffer(4 * CURSOR_WORDS));
const nearTheWrap = fc.constantFrom(0, 2 ** 30, 2 ** 31, 2 ** 32, 2 ** 33, 2 ** 40 + 2 ** 31, 2 ** 52);
const sequence = fc.tuple(nearTheWrap, fc.integer({ min: -5, max: 5 })).map(([near, by]) => Math.max(0, near + by));

test('extend finds the number nearest to what one knows', () => {
  fc.assert(
    fc.property(sequence, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (near, ahead) => {
      fc.pre(near + ahead >= 0);
      expect(extend(near, (near + ahead) | 0)).toBe(near + ahead);
      expect(distance((near + ahead) | 0, near | 0)).toBe(ahead);
    }),
  );
});

test('a thread that looks often follows a cursor over every wrap', () => {
  fc.assert(
    fc.property(sequence, fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 })), (start, steps) => {
      const shared = words();
      Cursor.init(shared, 0, start);
      const owner = new Cursor(shared, 0);
      const reader = new Cursor(shared, 0);
      expect(reader.peek()).toBe(start);
      for (const step of steps) {
        owner.publish(owner.peek() + step);
        expect(reader.load()).toBe(owner.peek());
        expect(reader.peek()).toBe(owner.peek());
      }
    }),
  );
});

test('a thread that looks seldom, or attaches late, extends by `near`', () => {
  fc.assert(
    fc.property(sequence, fc.array(fc.integer({ min: 0, max: 2 ** 34 })), (start, steps) => {
      const shared = words();
      Cursor.init(shared, 0, start);
      const owner = new Cursor(shared, 0);
      const early = new Cursor(shared, 0);
      for (const step of steps) owner.publish(owner.peek() + step);
      expect(early.loadFar()).toBe(owner.peek());
      expect(new Cursor(shared, 0).peek()).toBe(owner.peek());
    }),
  );
});

test('`near` read before or after it changes does not matter', () => {
  const shared = words();
  Cursor.init(shared, 0, 2 ** 33 - 1);
  const late = new Cursor(shared, 0);
  for (const near of [6, 7, 8, 9]) {
    shared[1] = near;
    expect(late.loadFar()).toBe(2 ** 33 - 1);
  }
});
