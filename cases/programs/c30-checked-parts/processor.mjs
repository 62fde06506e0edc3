import { i32, processor } from 'millrace';

const ACTS = [
  // In front of the claim, where items lie that are committed: by a part, and by what moves items.
  (items) => items.subarray(0, 3).fill(5),
  (items) => items.copyWithin(0, 3),
  (items) => items.sort(),
  (items, begin) => items.subarray(begin).set([1, 2, 3, 4]),
  (items, begin) => items.subarray(begin, begin + 3).fill(1.5),
];
const refusals = [];

export default processor({
  output: i32,
  checked: true,
  process(sequence, output) {
    output.emit(-1);
    const room = output.claim(3);
    try {
      ACTS[sequence](output.items, output.begin);
    } catch (error) {
      refusals.push(error.code);
    }
    output.items.subarray(output.begin, output.begin + room).fill(7);
    output.commit(room);
    if (sequence === ACTS.length - 1) console.log(refusals.join(' '));
  },
});
