import { describe, expect, it } from 'vitest';
import { chooseSuites } from '../src/choose.ts';
import { SUITES } from '../src/suites/index.ts';

const names = (suites: readonly string[], only: readonly string[]) =>
  chooseSuites(SUITES, suites, only).map(({ name }) => name);

describe('the suites of a command line', () => {
  it('are all, or those that it names', () => {
    expect(names([], [])).toEqual(SUITES.map(({ name }) => name));
    expect(names(['w2', 'w1'], [])).toEqual(['w1', 'w2']);
    expect(() => names(['w9'], [])).toThrow('no suite "w9"; there are w1, w2,');
  });

  it('with --only are those that have one of the contenders', () => {
    expect(names([], ['ringbuf'])).toEqual(['w1', 'w3', 'lanes']);
    expect(names(['w1', 'garbage'], ['ringbuf'])).toEqual(['w1']);
  });

  it('are none where --only names what no suite has', () => {
    expect(() => names([], ['rinbuf'])).toThrow('no contender "rinbuf"');
    expect(() => names(['w2'], ['ringbuf'])).toThrow('no contender "ringbuf" in w2; there are message-port,');
    expect(() => names([], ['millrace', 'w1'])).toThrow('"w1" is a suite: name suites in front of --only');
  });
});
