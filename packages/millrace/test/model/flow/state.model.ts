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

/** A writer that waits for a promise of the user's leaves that when the flow is stopped, drained before or not. */
const isLeft = (name: string, main: Body) =>
  model<ReturnType<typeof setup>>({
    name: `state: a writer leaves its promise when the flow is ${name}`,
    setup,
    threads: {
      main: (shared) => main(shared.main()),
      async writer(shared) {
        const control = shared.producer();
        await control.stopped();
        return control.loadState();
      },
    },
    after(_, { results }) {
      expect(results.writer === STOPPING, `the writer left in the state ${String(results.writer)}`);
    },
  });

export const leaves = [
  isLeft('stopped', (control) => control.stop()),
  isLeft('drained and stopped', (control) => {
    control.drain(0);
    control.stop();
  }),
];

export const states = [
  model<ReturnType<typeof setup>>({
    name: 'state: a flow that is stopped without an end has none',
    setup,
    threads: {
      main: (shared) => shared.main().stop(),
      writer(shared) {
        const control = shared.producer();
        if (!control.isStopping()) expect(control.loadEnd() > 0, 'all is delivered that there will be');
      },
    },
  }),
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
