import type { EventCount } from 'native-free-rings';
import { NOBODY, TicketFollower } from '../order/ticket-follower.ts';
import type { TicketLogHandle } from '../order/ticket-log-descriptor.ts';
import { CAUSES } from '../thread/causes.ts';
import { type Control, FIRST_PROCESSOR } from '../thread/control-block.ts';

/** Wakes the processors whose tickets a publisher fills. */
export class TicketWaker {
  private readonly tickets: TicketFollower;
  private readonly processors: EventCount[] = [];
  /** The processors of tickets below this were woken. */
  private wokenEnd: number;

  constructor(tickets: TicketLogHandle, control: Control, end: number) {
    this.tickets = new TicketFollower(tickets);
    this.wokenEnd = end;
    for (let i = FIRST_PROCESSOR; i < control.threads; i++) this.processors.push(control.eventcount(i));
  }

  /** The source is shown up to `end`. */
  wakeTo(end: number): void {
    const begin = this.wokenEnd;
    if (end <= begin) return;
    this.wokenEnd = end;
    const { tickets } = this;
    while (tickets.look(begin) && tickets.begin < end) {
      // Nobody has the ticket: whoever takes it looks at the source before it sleeps.
      if (tickets.end > begin && tickets.owner !== NOBODY) this.processors[tickets.owner]!.wake(CAUSES.input, end);
      if (tickets.end > end) return;
      tickets.index++;
    }
  }
}
