/** One event, one item. */
import { processor } from 'millrace';
import { FlowEvent } from './flow-setting.ts';
import { Item } from './setting.ts';

const item = { sequence: 0, index: 0, price: 0, at: 0.5 };

export default processor({
  input: FlowEvent,
  output: Item,
  process({ n, price }, output) {
    item.sequence = n;
    item.price = price;
    output.emit(item);
  },
});
