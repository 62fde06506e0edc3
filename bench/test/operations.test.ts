import { expect, it } from 'vitest';
import { operations } from '../dist/micro/operations/index.js';

it.each(operations().map((operation) => [operation.name, operation] as const))(
  '%s does what it says, again and again',
  (_, operation) => {
    for (const count of [1, 1_000, 257]) expect(operation.run(count)).toBe(operation.expected(count));
  },
);
