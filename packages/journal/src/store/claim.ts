/**
 * How one of several writers becomes the owner of a journal. Invariants, checked by `test/model/claims.test.ts`:
 *
 * - Of all that are open, at most one acknowledges commits.
 * - Whatever was acknowledged is in the journal that the next owner finds.
 *
 * The claim comes first: a segment of the next generation, made whole and given its name by a link, which fails where there is
 * one. Then the fence: another journal.json takes the place of the old one. Then the end of the journal is read. An owner that is
 * taken for dead and is not (in another container, say) does it the other way round: it marks a commit in its own segment, then looks
 * whether its journal.json is still there, and acknowledges only then. So either it sees the fence and does not acknowledge, or the
 * new owner sees its mark.
 */
import { randomUUID } from 'node:crypto';
import type { Schema } from '@millrace/codec';
import { JournalError } from '../errors.ts';
import type { SegmentPage } from '../format/chain.ts';
import {
  encodeHeader,
  expectHeader,
  FORMAT,
  FORMAT_VERSION,
  type JournalHeader,
  type JournalKind,
} from '../format/header.ts';
import { type FileContent, look, type Question, type Sight } from '../format/look.ts';
import { generationsOf, HEADER_FILE, segmentName } from '../format/names.ts';
import { encodeMark, encodePage, encodeUnopened, MARK_OFFSET, type Mark, type SegmentHeader } from '../format/page.ts';
import type { Fence, Folder } from './folder.ts';
import { isAlive, isSameThread, type Owner } from './owner.ts';

export interface ClaimOptions {
  readonly dir: string;
  readonly kind: JournalKind;
  readonly schema: Schema;
  readonly owner: Owner;
}

export interface Claim {
  readonly header: JournalHeader;
  readonly fence: Fence;
  /** The journal as it stood when the fence was in place. */
  readonly sight: Sight;
}

/** Makes the journal where there is none, and becomes its owner. Refused with IN_USE while another owner lives. */
export async function claim(folder: Folder, options: ClaimOptions): Promise<Claim> {
  const { dir, owner } = options;
  for (;;) {
    const sight = await see(folder, dir);
    if (sight === 'absent') {
      await folder.create(HEADER_FILE, Buffer.from(encodeHeader(newHeader(options))));
      continue;
    }
    const { pages } = sight;
    // What this owner writes is of this version, which packages of an older one refuse.
    const header = { ...sight.header, version: FORMAT_VERSION };
    expectHeader(dir, header, options.kind, options.schema);
    const newest = pages.at(-1);
    if (newest !== undefined) expectFree(dir, newest, owner);
    const generation = Math.max(newest?.generation ?? 0, header.generation) + 1;
    const name = segmentName(generation);
    if (!(await folder.create(name, encodePage({ id: header.id, generation, owner })))) continue;
    if (!(await isNewest(folder, generation))) {
      // Others have come and gone since the look.
      await folder.remove(name);
      continue;
    }
    const previous = sight.chain.top?.generation ?? 0;
    try {
      // Its owner may have died before it flushed the mark that the header will count on.
      if (previous > 0) await folder.flush(segmentName(previous));
      return await fenceOff(folder, dir, { ...header, generation, previous });
    } catch (error) {
      await giveUp(folder, generation);
      throw error;
    }
  }
}

/** Takes the next generation, for the owner that has the present one. Undefined where another owner has it. */
export async function claimNext(
  folder: Folder,
  header: JournalHeader,
  owner: Owner,
): Promise<{ readonly header: JournalHeader; readonly fence: Fence } | undefined> {
  const generation = header.generation + 1;
  const segment: SegmentHeader = { id: header.id, generation, owner };
  if (!(await folder.create(segmentName(generation), encodePage(segment)))) return undefined;
  const next = { ...header, generation, previous: header.generation };
  const fence = await folder.replace(HEADER_FILE, Buffer.from(encodeHeader(next)));
  if (fence !== undefined && (await isNewest(folder, generation))) return { header: next, fence };
  await fence?.close();
  await giveUp(folder, generation);
  return undefined;
}

/** An owner that has failed lets others write, also while its thread lives. `mark`: what it may have said of its segment. */
export async function giveUp(folder: Folder, generation: number, mark?: Mark): Promise<void> {
  try {
    const file = await folder.open(segmentName(generation));
    try {
      await file.write(
        mark === undefined ? encodeUnopened('given up') : encodeMark({ ...mark, state: 'failed' }),
        MARK_OFFSET,
      );
    } finally {
      await file.close();
    }
  } catch {
    // The segment was removed by another owner, or it cannot be written: it is free when the thread has ended.
  }
}

/** Whoever claims a later generation afterwards puts up its fence afterwards, too. */
const isNewest = async (folder: Folder, generation: number): Promise<boolean> =>
  generationsOf(await folder.names()).at(-1) === generation;

async function fenceOff(folder: Folder, dir: string, header: JournalHeader): Promise<Claim> {
  const fence = await folder.replace(HEADER_FILE, Buffer.from(encodeHeader(header)));
  if (fence === undefined) throw takenOver(dir);
  try {
    const sight = await see(folder, dir);
    const isOwn = sight !== 'absent' && sight.header.generation === header.generation;
    if (!isOwn || sight.pages.at(-1)?.generation !== header.generation) throw takenOver(dir);
    return { header, fence, sight };
  } catch (error) {
    await fence.close();
    throw error;
  }
}

export const takenOver = (dir: string): JournalError =>
  new JournalError(
    'IN_USE',
    `another writer has taken over the journal ${dir}; this one is refused from now on: stop one of the two`,
  );

function expectFree(dir: string, { mark, header }: SegmentPage, own: Owner): void {
  const holder = header.owner;
  const isHeld = mark === 'opening' || (mark !== 'given up' && mark.state === 'open');
  if (!isHeld || !isAlive(holder)) return;
  const who = isSameThread(holder, own)
    ? 'this thread has'
    : `process ${holder.pid} on ${holder.host} (thread ${holder.tid}) has`;
  throw new JournalError(
    'IN_USE',
    `${who} the journal ${dir} open for writing: close it or stop its flow first, or give this one a folder of its own`,
  );
}

function newHeader({ kind, schema }: ClaimOptions): JournalHeader {
  return { format: FORMAT, version: FORMAT_VERSION, kind, schema, id: randomUUID(), generation: 0, previous: 0 };
}

/** A look at the folder whose steps are those of the folder. */
async function see(folder: Folder, dir: string): Promise<Sight | 'absent'> {
  const looking = look(dir);
  let step = looking.next();
  while (step.done !== true) step = looking.next(await answer(folder, step.value));
  return step.value;
}

function answer(folder: Folder, question: Question): Promise<string[] | FileContent | undefined> {
  return question === 'names' ? folder.names() : folder.read(question.name, question.most);
}
