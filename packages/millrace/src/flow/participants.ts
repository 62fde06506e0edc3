import { types } from 'node:util';
import { type EventRingHandle, freePlace, loadClaimant, RingError, takenPlaces, wakeRing } from 'native-free-rings';
import { allocate, load, notify, racyLoad, store, viewI32, waitAsync } from '#atomics';
import { MillraceError } from '../thread/errors.ts';
import type { FlowPlan } from '../thread/plan.ts';
import type { ProducerHandle, ReaderHandle } from './handles.ts';
import type { CompiledSource } from './pipeline-options.ts';
import { revokedHandle } from './publish-errors.ts';
import type { ReadableRing } from './ring-batch.ts';
import type { HeadOfLine } from './stats.ts';
import { hasEnded, thisThread, threadOf, watchThreads } from './thread-deaths.ts';

/** One word that the flow and whoever attaches by a handle share: 1 once the handle is revoked. */
export type Grant = SharedArrayBuffer;

const GRANT_BYTES = 4;

const makeGrant = (): Grant => allocate(GRANT_BYTES);

/** Says whether a handle was revoked; asked for each event. */
export function grantCheck(grant: Grant): () => boolean {
  const words = viewI32(grant);
  return () => racyLoad(words, 0) === 1;
}

/** Resolves when the handle is revoked. Keeps no thread alive. */
export async function revoked(grant: Grant): Promise<void> {
  const words = viewI32(grant);
  while (load(words, 0) === 0) {
    const waiting = waitAsync(words, 0, 0);
    if (waiting.async) await waiting.value;
  }
}

/** Throws where the handle was revoked. */
export function expectGranted(grant: Grant): void {
  if (load(viewI32(grant), 0) === 0) return;
  throw revokedHandle();
}

/**
 * Attaches to a ring. Places of threads that have ended are freed first: the flow may not have been told. `freed` is called then: a
 * dead producer may have left events behind for which it has not woken a processor.
 */
export function attachTo<T>(
  ring: EventRingHandle,
  role: 'reader' | 'producer',
  attach: () => T,
  freed: () => void = () => {},
): T {
  const dead = takenPlaces(ring).filter(({ task }) => hasEnded(task));
  for (const place of dead) freePlace(ring, place);
  if (dead.length > 0) {
    wakeRing(ring);
    freed();
  }
  try {
    return attach();
  } catch (error) {
    if (!(error instanceof RingError) || error.code !== 'NO_SLOT_LEFT') throw error;
    throw new MillraceError('NO_PLACE_LEFT', NO_PLACE[role], { cause: error });
  }
}

const NO_PLACE = {
  reader:
    'all places for readers of this destination are taken: give `toRing` more `readers`, or leave a loop over results that nobody needs',
  producer: 'all places for producers of this flow are taken: give the pipeline more `producers`, or close one',
} as const;

/** Throws where that is no handle of one of these kinds, or one that has lost its memory on the way (by JSON, for example). */
export function expectHandle(what: string, handle: unknown, ...kinds: ('producer' | 'reader')[]): void {
  const isObject = typeof handle === 'object' && handle !== null;
  const { kind, grant } = (isObject ? handle : {}) as { kind?: unknown; grant?: unknown };
  if (!kinds.some((known) => known === kind)) {
    const given = isObject ? Object.prototype.toString.call(handle) : String(handle);
    const makers = kinds.map((known) => `\`flow.${known}()\``).join(' or ');
    throw new MillraceError('BAD_OPTIONS', `${what} got ${given}; give what ${makers} returns`);
  }
  if (types.isSharedArrayBuffer(grant)) return;
  throw new MillraceError(
    'BAD_OPTIONS',
    `${what} got a handle without its shared memory; pass it to the thread by workerData or postMessage`,
  );
}

/** The threads that take part in a flow by handles. What they had is freed when they have ended. */
export class Participants {
  private readonly plan: FlowPlan;
  private readonly freed: () => void;
  private readonly stopWatching: () => void;
  /** The head of line that waits for an open claim, and since when that is known. */
  private waiting: { readonly sequence: number; readonly since: number } | undefined;

  /** `freed` is called after a thread has ended that had a part in the flow. */
  constructor(plan: FlowPlan, freed: () => void) {
    this.plan = plan;
    this.freed = freed;
    this.stopWatching = watchThreads((owner) => this.ended(owner));
  }

  /** The flow has ended. */
  dispose(): void {
    this.stopWatching();
  }

  /** A handle for a producer, where the flow takes any. */
  producer(source: CompiledSource): ProducerHandle {
    if (source.kind !== 'ring' || source.producers === 0) {
      throw new MillraceError(
        'BAD_OPTIONS',
        'this flow takes events from its own thread alone: give the pipeline `producers: 1` or more',
      );
    }
    this.look();
    const { control, tickets, source: plan } = this.plan;
    const { owner } = thisThread();
    return {
      kind: 'producer',
      ring: plan.ring!,
      events: plan.events!,
      tickets,
      control,
      grant: makeGrant(),
      host: owner,
    };
  }

  reader(ring: ReadableRing): ReaderHandle {
    this.look();
    return { kind: 'reader', ...ring, control: this.plan.control, grant: makeGrant() };
  }

  /** Whoever has attached by the handle leaves at its next look, and nobody attaches by it any more. */
  revoke(handle: ProducerHandle | ReaderHandle): boolean {
    expectHandle('revoke', handle, 'producer', 'reader');
    const { ring, grant } = handle;
    const words = viewI32(grant);
    if (load(words, 0) === 1) return false;
    store(words, 0, 1);
    notify(words, 0);
    wakeRing(ring);
    this.look();
    return true;
  }

  /** Asks the operating system for threads of which Node told somebody else. */
  look(): void {
    const places = this.rings().flatMap((ring) => takenPlaces(ring));
    const dead = new Set(places.filter(({ task }) => hasEnded(task)).map(({ owner }) => owner));
    for (const owner of dead) this.ended(owner);
  }

  /** The producer that keeps a claim open for which events of others wait; undefined where none does. */
  blocked(arrived: number): HeadOfLine | undefined {
    const { ring } = this.plan.source;
    const owner = ring === undefined ? 0 : loadClaimant(ring);
    if (owner === 0) {
      this.waiting = undefined;
      return undefined;
    }
    const now = performance.now();
    if (this.waiting?.sequence !== arrived) this.waiting = { sequence: arrived, since: now };
    const thread = `producer on thread ${threadOf(owner)}`;
    return { sequence: arrived, thread, cause: 'producer', ageMs: now - this.waiting.since, eventMs: undefined };
  }

  private rings(): EventRingHandle[] {
    return [this.plan.source.ring, this.plan.destination].filter((ring) => ring !== undefined);
  }

  private ended(owner: number): void {
    for (const ring of this.rings()) {
      for (const place of takenPlaces(ring)) if (place.owner === owner) freePlace(ring, place);
      // It may have died between a step and the wake-up for it.
      wakeRing(ring);
    }
    this.freed();
  }
}
