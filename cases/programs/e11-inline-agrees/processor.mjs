import { i32, processor } from 'millrace';

/** Emits as many items as the event says. */
export default processor({
  input: i32,
  output: i32,
  process(event, output) {
    for (let i = 0; i < event; i++) output.emit(i);
  },
});
