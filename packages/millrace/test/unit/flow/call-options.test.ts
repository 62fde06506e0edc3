import { describe, expect, test } from 'vitest';
import { expectFlow, expectOptions } from '../../../src/flow/call-options.ts';

const SHUTDOWN = ['deadlineMs', 'onStep', 'signals', 'onReport', 'exit'];

describe('the options of a call', () => {
  test.each([{}, { signal: undefined }, { signal: AbortSignal.abort() }])(
    'that are what they have to be are taken: %o',
    (given) => {
      expect(() => expectOptions('publish', given, ['signal'])).not.toThrow();
    },
  );

  test.each([null, 5, 'signal'])('are an object, and not %o', (given) => {
    expect(() => expectOptions('publish', given, ['signal'])).toThrow(
      /\[BAD_OPTIONS\] publish got .* as its options; give an object with signal/,
    );
  });

  test('that it does not have, or that are something else, are refused all at once', () => {
    const given = { deadlineMS: 5, deadlineMs: '5', onStep: 5, signals: ['SIGNOPE'], exit: 1 };
    expect(() => expectOptions('shutdownOn', given, SHUTDOWN)).toThrow(
      /shutdownOn\.deadlineMS is not an option.*deadlineMs is "5"; give milliseconds.*onStep is 5; give a function.*names of signals.*exit is 1; give true or false/,
    );
  });

  test('a signal is known by what it does, and a controller is none', () => {
    expect(() => expectOptions('publish', { signal: new AbortController() }, ['signal'])).toThrow(
      'give the `signal` of',
    );
  });
});

test.each([null, {}, 'flow'])('a flow is no %o', (given) => {
  expect(() => expectFlow('shutdown', given)).toThrow('give a flow that was started');
});
