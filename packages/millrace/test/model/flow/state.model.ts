import { model } from '@millrace/interleave';
import { Control, createControl, DRAINING, STOPPING } from '../../../dist/thread/control-block.js';
import { attached, expect } from '../support/attached.ts';
import { ownControl } from '../support/owners.ts';

/** The flow's state word, on which producers wait that read a stream: that the flow ends is never slept through. */
function setup() {
  const handle = createControl(1, 0);
  ownControl(handle, 'main', ['main', 'main', 'main', 'main']);
  return { main: attached(new Control(handle)), producer: attached(new Control(handle)) };
}

type Body = (control: Control) => void;

const ends = (name: string, main: Body, states: readonly number[]) =>
  model<ReturnType<typeof setup>>({
    name: `state: a producer waits for the flow to ${name}`,
    setup,
    threads: {
      main: (shared) => main(shared.main()),
      producer: async (shared) => await shared.producer().leavesRunning(),
    },
    after(_, { results }) {
      expect(states.includes(results.producer as number), `the producer saw the state ${String(results.producer)}`);
    },
  });

export const states = [
  ends('drain', (control) => control.drain(0), [DRAINING]),
  ends('stop', (control) => control.stop(), [STOPPING]),
  ends(
    'drain and stop',
    (control) => {
      control.drain(0);
      control.stop();
    },
    [DRAINING, STOPPING],
  ),
];
