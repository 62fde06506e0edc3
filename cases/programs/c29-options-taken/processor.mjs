import { processor, value } from 'millrace';

let given;

export default processor({
  input: value(),
  output: value(),
  init({ data }) {
    given = data;
  },
  process(_, output) {
    output.emit(`${new Uint8Array(given.buffer)} ${given.name}`);
  },
});
