import { i32, processor } from 'millrace';

let how = '';

export default processor({
  input: i32,
  output: i32,
  init({ data }) {
    how = data;
  },
  process(n, output) {
    if (n === 2) {
      if (how === 'timer')
        setTimeout(() => {
          throw new Error('lost');
        });
      else void Promise.reject(new Error('lost'));
    }
    output.emit(n);
  },
});
