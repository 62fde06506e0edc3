import { afterEach, describe, expect, test } from 'vitest';
import { inheritedFlags, libraryFlags, withoutMainFlags, withoutRefused } from '../../../src/flow/thread-flags.ts';

const { execArgv } = process;
afterEach(() => {
  process.execArgv = execArgv;
  delete process.env.NODE_OPTIONS;
});

describe('flags of threads', () => {
  test.each([
    [['--input-type=module', '-e', 'text'], []],
    [
      ['--import', 'tsx', '--input-type', 'module', '--eval=text'],
      ['--import', 'tsx'],
    ],
    [
      ['-C', 'mine', '-pe', '1 + 1', '--no-warnings'],
      ['-C', 'mine', '--no-warnings'],
    ],
    [['--interactive', '--conditions=a'], ['--conditions=a']],
  ])('%j without what says which program is the main one: %j', (flags, kept) => {
    expect(withoutMainFlags(flags)).toEqual(kept);
  });

  test('are inherited, unless the main program is text', () => {
    process.execArgv = ['--import', 'tsx'];
    expect(inheritedFlags()).toEqual({});
    process.execArgv = ['--import', 'tsx', '--input-type=module', '-e', 'text'];
    expect(inheritedFlags()).toMatchObject({ execArgv: ['--import', 'tsx'] });
    process.execArgv = [];
    process.env.NODE_OPTIONS = '--no-warnings --input-type=module';
    expect(inheritedFlags().env!.NODE_OPTIONS!.trim()).toBe('--no-warnings');
  });

  test('of the library’s own threads are none', () => {
    process.execArgv = ['--import', 'tsx'];
    process.env.NODE_OPTIONS = '--no-warnings';
    const { execArgv: flags, env } = libraryFlags();
    expect(flags).toEqual([]);
    expect(env).not.toHaveProperty('NODE_OPTIONS');
    expect(env.PATH).toBe(process.env.PATH);
  });

  test('that Node refuses for a thread are left out', () => {
    const refusal = 'Initiated Worker with invalid execArgv flags: --max-old-space-size=9';
    expect(withoutRefused(['--no-warnings', '--max-old-space-size=9'], refusal)).toEqual(['--no-warnings']);
  });
});
