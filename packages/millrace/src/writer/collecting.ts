import { CAUSES } from '../thread/causes.ts';
import { NO_MS } from '../thread/clock.ts';
import { type Control, FIRST_PROCESSOR } from '../thread/control-block.ts';
import type { AckParts } from './acknowledger.ts';
import type { Delivery } from './delivery.ts';
import type { LaneBatch } from './lane-batch.ts';

/** What collecting works with. */
export interface CollectingParts extends Pick<AckParts, 'lanes' | 'source' | 'parker' | 'drained'> {
  readonly control: Control;
}

/** What a batch collects. */
export interface CollectingRule {
  readonly lingerMs: number;
  /** Without `maxItems`: a batch has as many bytes as a block. */
  readonly mostBytes: number;
  /** So many tickets may be read and not drained. */
  readonly tickets: number;
}

/** When a batch that is collected over several lanes is handed over. Until then the lanes' memory is held. */
export class Collecting {
  private readonly parts: CollectingParts;
  private readonly rule: CollectingRule;
  private readonly delivery: Delivery;
  private dueAt: number = NO_MS;

  constructor(parts: CollectingParts, rule: CollectingRule, delivery: Delivery) {
    this.parts = parts;
    this.rule = rule;
    this.delivery = delivery;
  }

  /** Something was added to the batch. True where it is kept for more; `most`: items that it may have. */
  keeps(batch: LaneBatch, most: number): boolean {
    const { delivery, rule } = this;
    const { isHolding } = delivery;
    // Also what is handed over now is a part of the batch that is open.
    if (isHolding) delivery.hold();
    if (batch.length >= most || batch.bytes >= rule.mostBytes) return false;
    // Without waiting: as long as there is more.
    if (isHolding) return rule.lingerMs === 0 || !this.isLate();
    const { clock } = this.parts.parker;
    clock.read();
    this.dueAt = clock.now + rule.lingerMs;
    delivery.hold();
    return true;
  }

  /** The writer finds nothing more, and has read all tickets before `index`: true where what it has is handed over. */
  isDue(index: number): boolean {
    if (!this.delivery.isHolding) return false;
    if (this.isWaitedFor(index)) return true;
    this.parts.parker.clock.read();
    return this.isLate();
  }

  /** By what the clock said last, and by what the others show. */
  isReady(index: number): boolean {
    return this.delivery.isHolding && (this.isLate() || this.isWaitedFor(index));
  }

  /** For how long the writer may sleep at most that would sleep for so long. */
  mostMs(timeoutMs: number | undefined): number | undefined {
    if (!this.delivery.isHolding) return timeoutMs;
    const restMs = Math.max(this.dueAt - this.parts.parker.clock.now, 0);
    return timeoutMs === undefined ? restMs : Math.min(timeoutMs, restMs);
  }

  private isLate(): boolean {
    return this.parts.parker.clock.now >= this.dueAt;
  }

  /** Somebody needs the memory that the batch holds: a processor its lane, a producer the source, the coordinator its log. */
  private isWaitedFor(index: number): boolean {
    const { lanes, control, source, drained } = this.parts;
    if (index - drained.peek() >= this.rule.tickets) return true;
    if (source?.isWaitedFor() === true) return true;
    return lanes.some((lane, i) => lane.peekUnreleased() > 0 && control.isWaiting(FIRST_PROCESSOR + i, CAUSES.room));
  }
}
