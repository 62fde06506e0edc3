/** A look at the folder of a journal: its header, and the chain of its segments. */
import fs from 'node:fs';
import { join } from 'node:path';
import { JournalError } from '../errors.ts';
import { bootId, isSameBoot } from '../store/owner.ts';
import { type Chain, chainOf, type SegmentPage } from './chain.ts';
import { scanWhole } from './chunk-scan.ts';
import { decodeHeader, type JournalHeader, RESTORE } from './header.ts';
import { foreignNames, generationsOf, HEADER_FILE, segmentName } from './names.ts';
import { decodeMark, decodeHeader as decodePageHeader, type End, PAGE_BYTES } from './page.ts';

/** To read what is there. A pipe in the place of a file has nothing, and is not waited for. */
export const READ_NOW: number = fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0);

export interface FileContent {
  readonly bytes: Buffer;
  /** Length of the whole file, asked for when the bytes were read: it has all that they tell of. */
  readonly size: number;
}

/** What a look asks of the folder: all names (undefined where there is no folder), or the first bytes of a file. */
export type Question = 'names' | { readonly name: string; readonly most: number };
type Answer = string[] | FileContent | undefined;
type Look<T> = Generator<Question, T, Answer>;

export interface Sight {
  readonly header: JournalHeader;
  readonly chain: Chain;
  readonly pages: readonly SegmentPage[];
}

const MOST_HEADER_BYTES: number = 16 * 1024 * 1024;
/** A page is read while its mark is written, or a header while it is made: so often it is read again. */
const MOST_READS = 64;

/**
 * Sees the journal as it is at one moment, although its files change meanwhile: a fault counts if it is there twice, with the same
 * files. `known` are pages of segments that are complete. `absent`: there is nothing, or only what an interrupted start left.
 */
export function* look(dir: string, known?: Map<number, SegmentPage>): Look<Sight | 'absent'> {
  for (let before = '', reads = 0; ; reads++) {
    const text = (yield { name: HEADER_FILE, most: MOST_HEADER_BYTES }) as FileContent | undefined;
    const names = (yield 'names') as string[] | undefined;
    if (text === undefined) {
      if (!names?.includes(HEADER_FILE)) return absent(dir, names);
      if (reads < MOST_READS) continue;
      throw torn(dir, HEADER_FILE, 'is a link to a file that is not there');
    }
    const header = decodeHeader(text.bytes.toString('utf8'), join(dir, HEADER_FILE));
    const generations = generationsOf(names ?? []);
    const pages = yield* readPages(dir, header, generations, known);
    const chain = pages === undefined ? 'a segment went' : chainOf(header, pages, (top) => endOf(dir, top));
    if (pages !== undefined && typeof chain !== 'string') return { header, chain, pages };
    const now = `${header.generation} ${generations}`;
    if (now === before)
      throw new JournalError('TORN_STORE', `the journal ${dir} is damaged: ${String(chain)}: ${RESTORE}`);
    before = now;
  }
}

/** Undefined where one of them has gone meanwhile. */
function* readPages(
  dir: string,
  header: JournalHeader,
  generations: readonly number[],
  known: Map<number, SegmentPage> | undefined,
): Look<SegmentPage[] | undefined> {
  const pages: SegmentPage[] = [];
  for (const generation of generations) {
    const page = known?.get(generation) ?? (yield* readPage(dir, header, generation));
    if (page === undefined) return undefined;
    pages.push(page);
    if (generation < header.generation && generation !== header.previous && typeof page.mark === 'object')
      known?.set(generation, page);
  }
  return pages;
}

function* readPage(dir: string, header: JournalHeader, generation: number): Look<SegmentPage | undefined> {
  const name = segmentName(generation);
  for (let reads = 0; ; reads++) {
    const content = (yield { name, most: PAGE_BYTES }) as FileContent | undefined;
    if (content === undefined) return undefined;
    const own = decodePageHeader(content.bytes);
    if (own === undefined || own.generation !== generation) throw torn(dir, name, 'does not begin like a segment');
    if (own.id !== header.id) throw torn(dir, name, `does not belong to the ${HEADER_FILE} beside it`);
    const mark = decodeMark(content.bytes);
    if (mark !== 'torn') return { generation, header: own, mark, bytes: content.size };
    if (reads === MOST_READS) throw torn(dir, name, 'has a mark that does not match its checksum');
  }
}

export const torn = (dir: string, name: string, fault: string): JournalError =>
  new JournalError('TORN_STORE', `${join(dir, name)} ${fault}: ${RESTORE}`);

/** Nothing is there, or what an interrupted start left; else it is refused. */
function absent(dir: string, names: readonly string[] = []): 'absent' {
  if (generationsOf(names).length > 0) throw torn(dir, HEADER_FILE, 'is missing');
  const foreign = foreignNames(names);
  if (foreign.length === 0) return 'absent';
  throw new JournalError(
    'FOREIGN_STORE',
    `${dir} holds ${foreign.slice(0, 3).join(', ')}${foreign.length > 3 ? ', …' : ''} and no ${HEADER_FILE}: it is not a journal. ` +
      `Give a new or an empty folder; if it was a journal, restore ${HEADER_FILE} from a copy`,
  );
}

/**
 * Where the newest segment ends. While the system runs that is what was committed. After a power cut it is what was flushed, and as
 * much of what follows as is whole.
 */
function endOf(dir: string, { generation, header, mark, bytes }: Chain['top'] & object): End {
  const name = segmentName(generation);
  const isSure = isSameBoot(header.owner.boot, bootId());
  const { byte } = isSure ? mark.committed : mark.flushed;
  if (bytes < byte) throw torn(dir, name, `is cut off: it has ${bytes} of ${byte} bytes`);
  return isSure ? mark.committed : scanWhole(join(dir, name), mark.flushed);
}

/**
 * Looks at once, blocking for as long as it takes to read some pages of 4 KiB. Looks again where another owner has put up its
 * fence meanwhile: else what was seen of the one before may not be what its successor finds.
 */
export function lookSync(dir: string, known?: Map<number, SegmentPage>): Sight | 'absent' {
  for (;;) {
    const sight = lookOnce(dir, known);
    if (sight === 'absent') return sight;
    const again = answer(dir, { name: HEADER_FILE, most: MOST_HEADER_BYTES }) as FileContent | undefined;
    if (again === undefined) continue;
    if (decodeHeader(again.bytes.toString(), join(dir, HEADER_FILE)).generation === sight.header.generation)
      return sight;
  }
}

function lookOnce(dir: string, known?: Map<number, SegmentPage>): Sight | 'absent' {
  const looking = look(dir, known);
  let step = looking.next();
  while (step.done !== true) step = looking.next(answer(dir, step.value));
  return step.value;
}

function answer(dir: string, question: Question): Answer {
  if (question === 'names') return namesOf(dir);
  let fd: number;
  try {
    fd = fs.openSync(join(dir, question.name), READ_NOW);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw unreadable(join(dir, question.name), error);
  }
  try {
    const bytes = Buffer.alloc(Math.min(fs.fstatSync(fd).size, question.most));
    const length = fs.readSync(fd, bytes, 0, bytes.length, 0);
    return { bytes: bytes.subarray(0, length), size: fs.fstatSync(fd).size };
  } catch (error) {
    throw unreadable(join(dir, question.name), error);
  } finally {
    fs.closeSync(fd);
  }
}

function namesOf(dir: string): string[] | undefined {
  try {
    return fs.readdirSync(dir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR') throw isFile(dir);
    throw unreadable(dir, error);
  }
}

const unreadable = (path: string, cause: unknown): JournalError =>
  new JournalError('STORE_FAILED', `${path} cannot be read: see the cause`, { cause });

/** There is no such file, or no such folder. */
export function isAbsence(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

export const isFile = (dir: string): JournalError =>
  new JournalError('FOREIGN_STORE', `${dir} is a file, and a journal is a folder: give another path`);
