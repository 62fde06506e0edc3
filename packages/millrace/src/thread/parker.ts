import type { EventCount, WaitStrategy } from 'native-free-rings';
import { CAUSES, type Cause } from './causes.ts';
import { Clock, NO_MS } from './clock.ts';
import type { Control } from './control-block.ts';
import { COUNTER, type Counter, type Counters } from './counters.ts';
import type { DutyCycle } from './duty-cycle.ts';
import { EventLoopTurn } from './event-loop-turn.ts';

/** Which counter the time spent waiting for a cause is added to. */
const TIME: Readonly<Partial<Record<Cause, Counter>>> = {
  input: 'inputMs',
  ticket: 'ticketMs',
  room: 'roomMs',
  items: 'itemsMs',
  demand: 'demandMs',
  ack: 'ackMs',
};
const TIME_BY_CAUSE: readonly (number | undefined)[] = Object.keys(CAUSES).map((name) => {
  const counter = TIME[name as Cause];
  return counter === undefined ? undefined : COUNTER[counter];
});

/** Of a thread that spins instead of sleeping: looks between two readings of the clock. */
const LOOKS_PER_CLOCK = 1_024;

/** How one thread waits: by the strategy, then asleep on its own eventcount; visible to the others, and counted. */
export class Parker {
  /** What this thread read off the clock last: at each wait that it enters and leaves, and where else it is read. */
  readonly clock: Clock;
  private readonly control: Control;
  private readonly counters: Counters;
  private readonly thread: number;
  private readonly sleeper: EventCount;
  private readonly strategy: WaitStrategy;
  /** The cycle that parked last and its look, so that a park makes no function. (A thread has one cycle.) */
  private parked: DutyCycle | undefined;
  private look: () => boolean = () => true;
  /** The publish cursor has moved, and nobody has looked at the clock since. */
  owesPublished = false;
  private looks = 0;
  /** When the wait began that the thread is in, one at a time: a field, for the reason that `Clock` has. */
  private since: number = NO_MS;

  constructor(
    control: Control,
    counters: Counters,
    thread: number,
    strategy: WaitStrategy,
    clock: Clock = new Clock(),
  ) {
    this.clock = clock;
    this.control = control;
    this.counters = counters;
    this.thread = thread;
    this.sleeper = control.eventcount(thread);
    this.strategy = strategy;
  }

  /**
   * Waits until the duty cycle may have something to do, or for nothing once in a while. `mostMs`: false after so long a sleep
   * that came to nothing, where the cycle itself does not want to look again by then.
   */
  park(cycle: DutyCycle, mostMs: number = Number.POSITIVE_INFINITY): boolean {
    const { cause, wanted, timeoutMs, shown = cause } = cycle.waiting;
    if (cycle !== this.parked) this.learn(cycle);
    // A thread that keeps up with another finds something nearly each time: without the clock and what is shown to others.
    if (this.look()) return true;
    // One that spins looks after its event loop in each look, and never sleeps.
    const isCut = this.strategy.name !== 'spin' && mostMs < (timeoutMs ?? Number.POSITIVE_INFINITY);
    this.begin(shown);
    this.wait(this.look, cause, wanted, isCut ? mostMs : timeoutMs);
    this.end(shown);
    return !isCut || this.clock.now - this.since < mostMs;
  }

  /**
   * The same for a thread with an event loop to serve. True, later, when the loop had its turn meanwhile. `sleptMs`: as much of
   * the cycle's time-out has passed.
   */
  parkAsync(cycle: DutyCycle, sleptMs = 0): false | Promise<boolean> {
    return !cycle.isReady() && this.sleepAsync(cycle, sleptMs);
  }

  /** Spins by the strategy, before a `parkAsync`. True where that was enough, or the event loop is due for a turn. */
  spin(cycle: DutyCycle): boolean {
    if (cycle !== this.parked) this.learn(cycle);
    return this.strategy.spin(this.look);
  }

  /** Blocks in the middle of a duty cycle until `look` is true. */
  waitUntil(look: () => boolean, cause: number, wanted: number): void {
    this.begin(cause);
    while (!look()) this.wait(look, cause, wanted, undefined);
    this.end(cause);
  }

  /** Runs something that waits in its own way, visible and counted as waiting for `cause`. It returns how often it slept. */
  timed(cause: number, waiting: () => number): void {
    this.begin(cause);
    this.counters.add(COUNTER.parks, waiting());
    this.end(cause);
  }

  async timedAsync<T>(cause: number, waiting: PromiseLike<T>): Promise<T> {
    this.begin(cause);
    try {
      return await waiting;
    } finally {
      this.end(cause);
    }
  }

  private async sleepAsync(cycle: DutyCycle, sleptMs: number): Promise<boolean> {
    const { cause, wanted, timeoutMs, shown = cause } = cycle.waiting;
    const armed = this.sleeper.arm(cause, wanted);
    if (cycle.isReady()) {
      this.sleeper.disarm(armed);
      return false;
    }
    this.begin(shown);
    this.counters.add(COUNTER.parks, 1);
    const restMs = timeoutMs === undefined ? undefined : Math.max(timeoutMs - sleptMs, 0);
    const hadTurn = await this.sleeper.sleepAsync(armed, restMs);
    this.end(shown);
    return hadTurn;
  }

  private learn(cycle: DutyCycle): void {
    this.parked = cycle;
    this.look = this.strategy.name === 'spin' ? () => cycle.isReady() || this.isTurnDue() : () => cycle.isReady();
  }

  /** A thread that never sleeps has no other occasion to notice. */
  private isTurnDue(): boolean {
    if (++this.looks % LOOKS_PER_CLOCK === 0) this.clock.read();
    return this.clock.now >= this.clock.turnDue;
  }

  private wait(look: () => boolean, cause: number, wanted: number, timeoutMs: number | undefined): void {
    if (this.strategy.spin(look)) return;
    const armed = this.sleeper.arm(cause, wanted);
    if (look()) this.sleeper.disarm(armed);
    else {
      this.counters.add(COUNTER.parks, 1);
      this.sleeper.sleep(armed, timeoutMs);
    }
  }

  /** The thread waits for `cause` from now on. */
  begin(cause: number): void {
    this.clock.read();
    this.since = this.clock.now;
    this.control.showWaiting(this.thread, cause, this.since | 0);
    if (!this.owesPublished) return;
    this.owesPublished = false;
    this.control.showPublished(this.clock);
  }

  /** The wait for `cause` is over. */
  end(cause: number): void {
    const { clock } = this;
    clock.read();
    this.control.showWaiting(this.thread, CAUSES.none, clock.now | 0);
    // A processor that waits for room is in the middle of an event.
    if (cause !== CAUSES.room) this.control.showBegan(this.thread, clock);
    const counter = TIME_BY_CAUSE[cause];
    if (counter !== undefined) this.counters.values[counter]! += clock.now - this.since;
  }
}

/** Runs a duty cycle until it is done, on a thread that has an event loop to serve. */
export async function runOnEventLoop(cycle: DutyCycle, parker: Parker): Promise<void> {
  const turn = new EventLoopTurn();
  while (!cycle.done) {
    const work = cycle.doWork();
    const idle = (typeof work === 'number' ? work : await work) === 0;
    if (cycle.done) return;
    const parking = idle && parker.parkAsync(cycle);
    if (parking !== false && (await parking)) turn.begin();
    else if (turn.isOver()) await turn.give();
  }
}
