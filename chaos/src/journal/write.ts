/** Appends to a journal, by a journal of events or by a flow, from where it stands on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { journalPosition, openEventJournal, toJournal } from '@millrace/journal';
import { type Flow, pipeline, sequences } from 'millrace';
import type { Target } from './jobs.ts';
import { type Place, Records } from './records.ts';

/** Sequences of a flow that are outstanding at most. */
export const CAPACITY = 1_024;

/** How much is appended, and who is told of it. */
export interface Writing {
  readonly atOnce: number;
  readonly holdMs: number;
  readonly trimEvery: number;
  /** It is open, and stands here. Returns where to end. */
  opened(from: Place): number;
  /** All sequences below are acknowledged. */
  acknowledged(below: number): void;
  trimming(below: number): void;
  closing(): void;
}

/** For whoever asks why it takes so long. */
export const underWay: { flow: Flow<unknown> | undefined } = { flow: undefined };

export async function write(target: Target, writing: Writing): Promise<void> {
  if (target.via === 'events') await appendEvents(target, writing);
  else await runFlow(target, writing);
}

async function appendEvents({ dir, durability, content, writer }: Target, writing: Writing): Promise<void> {
  const records = new Records(content);
  const journal = await openEventJournal({ dir, durability, codec: records.codec });
  try {
    let next = journal.end;
    let acked = next;
    let trimAt = next + writing.trimEvery;
    const end = writing.opened({ sequence: next, items: 0 });
    const early = new Set<number>();
    const one = async (sequence: number): Promise<void> => {
      const told = await journal.append(records.make(writer, sequence, 0));
      if (told !== sequence) throw new Error(`event ${sequence} was acknowledged as sequence ${told}`);
      early.add(sequence);
      const before = acked;
      while (early.delete(acked)) acked++;
      if (acked > before) writing.acknowledged(acked);
    };
    while (next < end) {
      const some = Array.from({ length: Math.min(writing.atOnce, end - next) }, () => one(next++));
      // All of them settle, so that none is left behind when the first rejects.
      const failed = (await Promise.allSettled(some)).find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      if (writing.trimEvery > 0 && acked >= trimAt) {
        const below = trimAt - (writing.trimEvery >> 1);
        trimAt = acked + writing.trimEvery;
        writing.trimming(below);
        await journal.trim(below);
      }
    }
    if (writing.holdMs > 0) await sleep(writing.holdMs);
    writing.closing();
  } catch (error) {
    await journal.close().catch(() => undefined);
    throw error;
  }
  await journal.close();
}

async function runFlow(target: Target, writing: Writing): Promise<void> {
  const { flow, from } = await startFlow(target);
  underWay.flow = flow;
  let told = from.sequence;
  const tell = (): void => {
    const { published } = flow;
    if (published > told) writing.acknowledged(published);
    told = published;
  };
  const timer = setInterval(tell, 1);
  try {
    const end = writing.opened(from);
    for (let at = from.sequence; at < end; at += writing.atOnce) {
      await flow.advance(Math.min(writing.atOnce, end - at));
    }
    await flow.settled();
    tell();
    if (writing.holdMs > 0) await sleep(writing.holdMs);
    writing.closing();
    await flow.drain();
  } catch (error) {
    await flow.stop().catch(() => undefined);
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** Another flow may have written, and ended, since the position was asked for: start at the new one. */
async function startFlow(target: Target): Promise<{ readonly flow: Flow<unknown>; readonly from: Place }> {
  for (;;) {
    const from = await journalPosition(target.dir);
    try {
      return { flow: await openFlow(target, from.sequence), from };
    } catch (error) {
      const isStale = error instanceof Error && error.message.includes('start the pipeline with startAt');
      if (!isStale || (await journalPosition(target.dir)).sequence === from.sequence) throw error;
    }
  }
}

async function openFlow({ dir, via, durability, content, writer }: Target, startAt: number): Promise<Flow<unknown>> {
  const url = new URL(`./processor.js?kind=${content.kind}`, import.meta.url);
  return (await pipeline({ source: sequences(), startAt, capacity: CAPACITY } as never)
    .process(url, { threads: 1, data: { content, writer } })
    .write(toJournal({ dir, durability }))
    .start({ mode: via === 'inline' ? 'inline' : 'threads' })) as Flow<unknown>;
}
