import { expect, it } from 'vitest';
import { describeStall } from '../../../src/flow/stall-text.ts';

const head = { sequence: 7, thread: 'writer', cause: 'none', ageMs: 12_340, eventMs: undefined } as const;

it('a stall by a writer that computes is told with a remedy that fits the writer', () => {
  const text = (writer: 'ring' | 'function' | 'module'): string =>
    describeStall(head, { name: 'ticks', readers: undefined, writer });
  for (const writer of ['function', 'module'] as const) {
    expect(text(writer)).toContain(
      'the flow "ticks" has waited for sequence 7 for 12.3 seconds: the writer is in the middle',
    );
  }
  expect(text('function')).toContain('a thread of its own');
  const open = { ...head, thread: 'producer on thread 5', cause: 'producer' } as const;
  expect(describeStall(open, { name: 'ticks', readers: undefined, writer: 'function' })).toContain(
    'the producer on thread 5 keeps an event open that it has claimed, and all that comes after it waits: call commit() or abort()',
  );
  const lingers = { ...head, cause: 'linger' } as const;
  const collecting = describeStall(lingers, { name: 'ticks', readers: undefined, writer: 'function' });
  expect(collecting).toContain('has items of it in hand, and collects more: make `lingerMs` less');
  // It has one.
  expect(text('module')).not.toContain('a thread of its own');
});
