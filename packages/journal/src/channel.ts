/**
 * Shared memory between a journal's client (a flow's writer, or whoever appends events) and its store's thread. The client may be
 * terminated at any instruction; lmdb may not (it would never end, holding its own lock), so it lives on a thread that
 * nobody terminates.
 *
 *     words, 128 bytes apart:
 *       request    client   requests made. Its store publishes the arguments, the text and the staged chunks
 *       response   store    requests answered. Its store publishes the results and the text
 *       wanted     client   bumped to have a thread started
 *       running    store    1 while a thread serves this channel
 *       client     client   number of the thread that uses the channel, 0 for none
 *       stop       host     1: the process ends
 *     arguments and results (Float64)   text (UTF-8)   two halves of staged chunks: one is filled while the other is committed
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Memory as CodecMemory } from '@millrace/codec';
import { Memory } from 'native-free-rings';
import {
  allocate,
  compareExchange,
  load,
  notify,
  store,
  viewF64,
  viewI32,
  viewU8,
  type Words,
  wait,
  waitAsync,
} from '#atomics';
import { JournalError, type PackedJournalError, unpackJournalError } from './errors.ts';
import { threadExists, threadNumber } from './owner.ts';
import type { Progress } from './progress.ts';

const LINE_WORDS = 32;
const LINES = 6;
const REQUEST = 0;
const RESPONSE: number = LINE_WORDS;
const WANTED: number = 2 * LINE_WORDS;
const RUNNING: number = 3 * LINE_WORDS;
const CLIENT: number = 4 * LINE_WORDS;
const STOP: number = 5 * LINE_WORDS;

const VALUES_AT: number = LINES * LINE_WORDS * 4;
const VALUES = 8;
const TEXT_AT: number = VALUES_AT + VALUES * 8;
/** A schema of a thousand fields with long names takes some 100 KiB. */
const TEXT_BYTES: number = 256 * 1024;
const STAGED_AT: number = TEXT_AT + TEXT_BYTES;

/** What is asked for. */
export const KIND = { open: 1, commit: 2, trim: 3, close: 4 } as const;
const STATUS = { done: 0, refused: 1 } as const;
const VALUE = { kind: 0, status: 0, sequence: 1, items: 2, half: 3, bytes: 4, textBytes: 5 } as const;

/** A thread without a number, where the system tells none. */
const NAMELESS = -1;

export function allocateChannel(stagingBytes: number): SharedArrayBuffer {
  return allocate(STAGED_AT + 2 * stagingBytes);
}

abstract class Channel {
  protected readonly words: Words;
  protected readonly values: Float64Array;
  private readonly text: Uint8Array;
  protected readonly halfBytes: number;

  constructor(buffer: SharedArrayBuffer) {
    this.words = viewI32(buffer, 0, LINES * LINE_WORDS);
    this.values = viewF64(buffer, VALUES_AT, VALUES);
    this.text = viewU8(buffer, TEXT_AT, TEXT_BYTES);
    this.halfBytes = (buffer.byteLength - STAGED_AT) / 2;
  }

  protected writeText(value: unknown, dir: string): void {
    const bytes = Buffer.from(JSON.stringify(value));
    if (bytes.length > TEXT_BYTES) {
      throw new JournalError(
        'BAD_OPTIONS',
        `the options of the journal ${dir} take ${bytes.length} bytes, more than ${TEXT_BYTES}`,
      );
    }
    this.text.set(bytes);
    this.values[VALUE.textBytes] = bytes.length;
  }

  protected readText<T>(): T {
    return JSON.parse(Buffer.from(this.text.slice(0, this.values[VALUE.textBytes])).toString()) as T;
  }
}

/** The client's side. One request at a time; `settle` waits for its answer. */
export class ChannelClient extends Channel {
  /** Where chunks are laid out. */
  readonly memory: CodecMemory;
  private readonly dir: string;
  /** A pending `Atomics.waitAsync` keeps no process alive; a port does. */
  private alive: MessagePort | undefined;

  constructor(buffer: SharedArrayBuffer, dir: string) {
    super(buffer);
    this.memory = new Memory(buffer, STAGED_AT);
    this.dir = dir;
  }

  /** The region of a half, in the memory. */
  regionOf(half: number): { begin: number; end: number } {
    return { begin: half * this.halfBytes, end: (half + 1) * this.halfBytes };
  }

  /** Takes the channel for this thread. One whose thread is gone does not keep it. */
  attach(): void {
    const own = threadNumber() || NAMELESS;
    for (;;) {
      const holder = load(this.words, CLIENT);
      if (holder > 0 && holder !== own && threadExists(holder)) {
        throw new JournalError(
          'IN_USE',
          `thread ${holder} of this process writes the journal ${this.dir}: stop its flow first, or give this one a folder of its own`,
        );
      }
      if (compareExchange(this.words, CLIENT, holder, own) === holder) return;
    }
  }

  detach(): void {
    store(this.words, CLIENT, 0);
  }

  isIdle(): boolean {
    return load(this.words, REQUEST) === load(this.words, RESPONSE);
  }

  open(options: unknown): void {
    this.writeText(options, this.dir);
    this.send(KIND.open, { sequence: 0, items: 0 }, 0, 0);
    if (load(this.words, RUNNING) === 0) {
      store(this.words, WANTED, (load(this.words, WANTED) + 1) | 0);
      notify(this.words, WANTED);
    }
  }

  commit(half: number, bytes: number, progress: Progress): void {
    this.send(KIND.commit, progress, half, bytes);
  }

  trim(below: number): void {
    this.send(KIND.trim, { sequence: below, items: 0 }, 0, 0);
  }

  close(): void {
    this.send(KIND.close, { sequence: 0, items: 0 }, 0, 0);
  }

  /** Blocks until the last request is answered; throws what it was refused with. */
  settle(): Progress {
    for (;;) {
      const answered = load(this.words, RESPONSE);
      if (answered === load(this.words, REQUEST)) return this.result();
      wait(this.words, RESPONSE, answered);
    }
  }

  /** The same on a thread that may not block. */
  async settleAsync(): Promise<Progress> {
    this.alive ??= idlePort();
    this.alive.ref();
    try {
      for (;;) {
        const answered = load(this.words, RESPONSE);
        if (answered === load(this.words, REQUEST)) return this.result();
        const waiting = waitAsync(this.words, RESPONSE, answered);
        if (waiting.async) await waiting.value;
      }
    } finally {
      this.alive.unref();
    }
  }

  private result(): Progress {
    if (this.values[VALUE.status] === STATUS.refused) throw unpackJournalError(this.readText<PackedJournalError>());
    return { sequence: this.values[VALUE.sequence], items: this.values[VALUE.items] };
  }

  private send(kind: number, { sequence, items }: Progress, half: number, bytes: number): void {
    const { values, words } = this;
    values[VALUE.kind] = kind;
    values[VALUE.sequence] = sequence;
    values[VALUE.items] = items;
    values[VALUE.half] = half;
    values[VALUE.bytes] = bytes;
    store(words, REQUEST, (load(words, REQUEST) + 1) | 0);
    notify(words, REQUEST);
  }
}

function idlePort(): MessagePort {
  const { port1 } = new MessageChannel();
  port1.on('message', () => {});
  return port1;
}

/** The store's side. */
export class ChannelServer extends Channel {
  private readonly staged: Uint8Array;
  /** lmdb takes the address of what it is given, and of shared memory there is none to take. */
  private copy: Buffer = Buffer.alloc(0);

  constructor(buffer: SharedArrayBuffer) {
    super(buffer);
    this.staged = viewU8(buffer, STAGED_AT);
  }

  begin(): void {
    store(this.words, RUNNING, 1);
  }

  /** Blocks until there is a request, and returns its kind; undefined when the process ends. */
  next(): number | undefined {
    for (;;) {
      if (load(this.words, STOP) !== 0) return undefined;
      const asked = load(this.words, REQUEST);
      if (asked !== load(this.words, RESPONSE)) return this.values[VALUE.kind];
      wait(this.words, REQUEST, asked);
    }
  }

  progress(): Progress {
    return { sequence: this.values[VALUE.sequence], items: this.values[VALUE.items] };
  }

  options<T>(): T {
    return this.readText<T>();
  }

  /** A private copy of the staged chunks; the next call overwrites it. */
  chunks(): Buffer {
    const begin = this.values[VALUE.half] * this.halfBytes;
    const bytes = this.values[VALUE.bytes];
    if (this.copy.length === 0) this.copy = Buffer.alloc(this.halfBytes);
    this.copy.set(this.staged.subarray(begin, begin + bytes));
    return this.copy.subarray(0, bytes);
  }

  /** Nobody serves the channel from here on. */
  end(): void {
    store(this.words, RUNNING, 0);
    notify(this.words, RUNNING);
  }

  done({ sequence, items }: Progress): void {
    this.values[VALUE.status] = STATUS.done;
    this.values[VALUE.sequence] = sequence;
    this.values[VALUE.items] = items;
    this.answer();
  }

  refuse(error: PackedJournalError): void {
    this.writeText(error, '');
    this.values[VALUE.status] = STATUS.refused;
    this.answer();
  }

  private answer(): void {
    store(this.words, RESPONSE, load(this.words, REQUEST));
    notify(this.words, RESPONSE);
  }
}

/** What the host needs of the words: it starts threads, notices when one died, and stops it at the end of the process. */
export class ChannelHost extends Channel {
  private readonly server: ChannelServer;
  private served = 0;

  constructor(buffer: SharedArrayBuffer) {
    super(buffer);
    this.server = new ChannelServer(buffer);
  }

  /** Calls back whenever a client wants a thread. Keeps no process alive. */
  onWanted(start: () => void): void {
    const wanted = load(this.words, WANTED);
    if (wanted !== this.served) {
      this.served = wanted;
      start();
    }
    const waiting = waitAsync(this.words, WANTED, wanted);
    const again = (): void => this.onWanted(start);
    if (waiting.async) void waiting.value.then(again);
    else queueMicrotask(again);
  }

  isRunning(): boolean {
    return load(this.words, RUNNING) !== 0;
  }

  /** The thread is gone. If it owes an answer, its client is told. */
  died(error: PackedJournalError): void {
    this.server.end();
    if (load(this.words, REQUEST) !== load(this.words, RESPONSE)) this.server.refuse(error);
  }

  /** Blocks until the thread has closed its store. */
  stop(timeoutMs: number): void {
    if (load(this.words, RUNNING) === 0) return;
    store(this.words, STOP, 1);
    notify(this.words, REQUEST);
    wait(this.words, RUNNING, 1, timeoutMs);
  }
}
