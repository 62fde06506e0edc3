import { writer } from 'millrace';

export const promise = writer({ write: () => new Promise(() => {}) });

export const credit = writer({
  demand: 'credit',
  init(context) {
    context.ready(1);
  },
  write() {},
});
