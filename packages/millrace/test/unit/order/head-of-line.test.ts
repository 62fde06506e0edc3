import { expect, test } from 'vitest';
import { headHolder } from '../../../src/order/head-of-line.ts';

test('nobody holds the line where all that arrived is acknowledged', () => {
  expect(headHolder({ acked: 7, arrived: 7, owner: 1, ownerAt: 7 })).toEqual({ by: 'nobody' });
  expect(headHolder({ acked: 8, arrived: 7, owner: -1, ownerAt: 7 })).toEqual({ by: 'nobody' });
});

test('the coordinator holds it where no processor has the ticket', () => {
  expect(headHolder({ acked: 7, arrived: 9, owner: -1, ownerAt: 7 })).toEqual({ by: 'coordinator', sequence: 7 });
});

test('the processor holds it that has the ticket and is at the head or before it', () => {
  const held = { by: 'processor', processor: 2, sequence: 7 };
  expect(headHolder({ acked: 7, arrived: 9, owner: 2, ownerAt: 7 })).toEqual(held);
  expect(headHolder({ acked: 7, arrived: 9, owner: 2, ownerAt: 3 })).toEqual(held);
});

test('the writer holds it where its processor is past it', () => {
  expect(headHolder({ acked: 7, arrived: 9, owner: 2, ownerAt: 8 })).toEqual({ by: 'writer', sequence: 7 });
});
