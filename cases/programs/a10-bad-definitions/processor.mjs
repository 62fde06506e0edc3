import { i32, processor } from 'millrace';
import { Getter, hostile } from './hostile.mjs';

export const wrong = processor({ input: 'i32', output: 5, process: 'x', interested: true, init: {} });
export const empty = processor({ input: i32 });

const define = (parts) => processor({ input: i32, output: i32, process: (n, output) => output.emit(n), ...parts });
const throws = (make) => () => {
  throw make();
};
export const good = define({});
export const throwsProxy = define({ process: throws(hostile) });
export const throwsGetter = define({ process: throws(() => new Getter()) });
export const throwsNothing = define({ process: throws(() => undefined) });
export const rejectsProxy = define({ process: async () => throws(hostile)() });
export const interestedThrowsProxy = define({ interested: throws(hostile) });
export const initThrowsProxy = define({ init: throws(hostile) });
