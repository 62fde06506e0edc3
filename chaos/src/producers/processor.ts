/** Makes one item of each event, which says where it came from. `?events=numbers`. */
import { processor } from 'millrace';
import { CODECS, Item, padded, type Told, toldOf } from './events.ts';
import type { EventKind } from './round.ts';

const events = new URL(import.meta.url).searchParams.get('events') as EventKind;

function read(event: unknown): Told {
  if (events === 'numbers') return toldOf(event as number);
  const told = event as Told & { pad?: string };
  if (events === 'value' && told.pad !== padded(told).pad) throw new RangeError('the event of one is torn');
  return told;
}

export default processor({
  input: CODECS[events] as never,
  output: Item,
  process(given: unknown, output) {
    const { producer, event } = read(given);
    output.emit({ sequence: output.sequence, producer, event });
  },
});
