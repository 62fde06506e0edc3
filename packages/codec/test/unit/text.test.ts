import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { text } from '../../src/index.ts';
import { utf8Length } from '../../src/utf8.ts';
import { codecContract, refusal } from '../support/codec-contract.ts';
import { sharedMemory } from '../support/memory.ts';

const MAX = 40;
const fits = (value: string): boolean => Buffer.byteLength(value) <= MAX;

codecContract('text', {
  codec: text(MAX),
  values: fc.oneof(
    fc.string({ unit: 'binary', maxLength: MAX }).filter(fits),
    fc.string({ maxLength: MAX }).filter(fits),
    fc.constantFrom('', '\0', '\u{feff}mark', '\u{10ffff}', '😀'.repeat(10), 'é'.repeat(20), '\ud7ff\ue000\uffff'),
  ),
  refused: [
    ['x'.repeat(41), 'TOO_LARGE'],
    ['é'.repeat(21), 'TOO_LARGE'], // 21 characters, 42 bytes
    [`${'😀'.repeat(10)}x`, 'TOO_LARGE'],
    ['x'.repeat(10_000_000), 'TOO_LARGE'],
    ['\ud800', 'ILL_FORMED_TEXT'],
    ['\udc00x', 'ILL_FORMED_TEXT'],
    ['x\ud800y', 'ILL_FORMED_TEXT'],
    ['\ud800\ue000', 'ILL_FORMED_TEXT'],
    ['\udc00\ud800', 'ILL_FORMED_TEXT'],
    [5, 'WRONG_TYPE'],
    [null, 'WRONG_TYPE'],
    [undefined, 'WRONG_TYPE'],
    [Object('x'), 'WRONG_TYPE'],
    [{ length: 3, charCodeAt: () => 65 }, 'WRONG_TYPE'],
    [Symbol('x'), 'WRONG_TYPE'],
  ],
});

codecContract('text(1)', { codec: text(1), values: fc.constantFrom('', 'x'), refused: [['é', 'TOO_LARGE']] });
codecContract('text(65534)', {
  codec: text(65_534),
  values: fc.constantFrom('', 'x'.repeat(65_534), 'é'.repeat(32_767)),
  refused: [['x'.repeat(65_535), 'TOO_LARGE']],
});

describe('text', () => {
  it('counts bytes as Node does', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (value) => utf8Length(value) === Buffer.byteLength(value)));
  });

  it('does not read past its field when the length word was overwritten', () => {
    const memory = sharedMemory(64);
    text(4).write(memory, 0, 'abcd');
    memory.u16[0] = 60_000;
    expect(text(4).read(memory, 0)).toBe('abcd');
  });

  it.each([0, -1, 65_535, 1.5, NaN, '8', undefined])('refuses the limit %s', (maxBytes) => {
    const { code, message } = refusal(() => text(maxBytes as number));
    expect(code).toBe('BAD_SCHEMA');
    expect(message).toContain('1 to 65534');
  });
});
