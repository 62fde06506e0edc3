import { expectOptions } from './call-options.ts';
import type { EventArray } from './event-claims.ts';
import { BaseFlow, NO_OPTIONS } from './flow.ts';
import type { PublishOptions } from './flow-events.ts';
import type { FlowOf } from './producing.ts';
import type { Publisher } from './publisher.ts';
import { COMMIT, NEXT, Steps } from './steps.ts';

/**
 * A running flow. `Source` is the type of its source's codec: it decides whether events can be filled in place, and how. `Kept`: what
 * the batches of its ring have beside the items.
 */
export type Flow<Event = unknown, Item = unknown, Source = unknown, Kept = unknown> = BaseFlow<Event, Item, Kept> &
  FlowOf<Source>;

/** A flow with all that fills events in place. Its type shows what its codec takes: see producing.ts for what each does. */
export class SourceFlow<Event, Item> extends BaseFlow<Event, Item> {
  private readonly steps: Steps = new Steps(
    () => {
      try {
        return this.expectPublisher().tryNext();
      } catch (error) {
        throw this.reasonFor(error);
      }
    },
    (count) => {
      try {
        this.expectPublisher().commit(count);
      } catch (error) {
        throw this.reasonFor(error);
      }
    },
  );

  get items(): EventArray | undefined {
    return this.expectPublisher().claims.items;
  }

  get begin(): number {
    return this.expectPublisher().claims.begin;
  }

  next(options: PublishOptions = NO_OPTIONS): Promise<unknown> {
    return this.call('next', options, (publisher) => publisher.next(options.signal));
  }

  tryNext(): unknown {
    return this.steps.run(NEXT);
  }

  claim(count: number, options: PublishOptions = NO_OPTIONS): Promise<number> {
    return this.call('claim', options, (publisher) => publisher.claim(count, options.signal));
  }

  tryClaim(count: number): number {
    try {
      return this.expectPublisher().tryClaim(count);
    } catch (error) {
      throw this.reasonFor(error);
    }
  }

  commit(count?: number): void {
    this.steps.run(COMMIT, count);
  }

  abort(): void {
    try {
      this.expectPublisher().abortClaim();
    } catch (error) {
      throw this.reasonFor(error);
    }
  }

  skip(count: number, options: PublishOptions = NO_OPTIONS): Promise<void> {
    return this.call('skip', options, (publisher) => publisher.skip(count, options.signal));
  }

  trySkip(count: number): number {
    try {
      return this.expectPublisher().trySkip(count);
    } catch (error) {
      throw this.reasonFor(error);
    }
  }

  private call<T>(name: string, options: PublishOptions, run: (publisher: Publisher<Event>) => Promise<T>): Promise<T> {
    try {
      if (options !== NO_OPTIONS) expectOptions(name, options, ['signal']);
      options.signal?.throwIfAborted();
      this.expectUp();
      return this.watch(run(this.expectPublisher()));
    } catch (error) {
      return this.watch(Promise.reject(error));
    }
  }
}
