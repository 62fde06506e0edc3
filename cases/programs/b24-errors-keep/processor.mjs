import { i32, processor } from 'millrace';

class ValidationError extends Error {}

export default processor({
  input: i32,
  output: i32,
  process() {
    const error = new ValidationError('the order is not valid', {
      cause: new AggregateError([new Error('one')], 'all'),
    });
    error.code = 'E_INVALID';
    error.errors = { price: Object.assign(new RangeError('too high'), { limit: 5 }), size: new TypeError('no size') };
    error.options = { retry: { f() {} }.f, times: 3 };
    error.response = { status: 422, socket: new WeakMap() };
    Object.defineProperty(error, 'lazy', {
      enumerable: true,
      get() {
        throw new Error('not now');
      },
    });
    throw error;
  },
});
