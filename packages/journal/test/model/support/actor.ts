/** What a process of a scenario does with a journal, and what it has been promised. */
import { privateMemory, u32 } from '@millrace/codec';
import { CHUNK } from '../../../src/format/chunk-descriptor.ts';
import { ChunkWriter } from '../../../src/format/chunk-writer.ts';
import type { Sight } from '../../../src/format/look.ts';
import type { Durability } from '../../../src/store/durability.ts';
import type { Store } from '../../../src/store/store.ts';
import type { Built } from './built.ts';
import { MODEL_DIR, PROMISES } from './model-fs.ts';
import { type Process, worldOnStage } from './world.ts';

/** A commit that was acknowledged: its sequence has one item, which tells who wrote it. */
export interface Acked {
  readonly sequence: number;
  readonly tag: number;
}

export type Body = (actor: Actor) => Promise<void>;

const BUFFER_BYTES = 1024;
export const TAG_AT: number = CHUNK.payload;

export class Actor {
  readonly process: Process;
  readonly acked: Acked[] = [];
  /** Whether it has the journal open. */
  isOpen = false;
  hasOpened = false;
  /** The code of what it was refused with. */
  refusal: string | undefined;
  private readonly built: Built;
  private readonly durability: Durability;
  private readonly others: readonly Actor[];
  private store: Store | undefined;
  private commits = 0;

  constructor(process: Process, built: Built, durability: Durability, others: readonly Actor[] = []) {
    this.process = process;
    this.built = built;
    this.durability = durability;
    this.others = others;
  }

  /** Until it has done its work or was refused. It then closes, as each writer does that lives. */
  async run(body: Body): Promise<void> {
    try {
      await body(this);
      await this.close();
    } catch (error) {
      this.refusal = refusalOf(error);
      await this.close().catch((late: unknown) => {
        this.refusal = refusalOf(late);
      });
    }
  }

  get position(): number {
    return this.store!.position.sequence;
  }

  async open(): Promise<void> {
    const { durability } = this;
    const owner = worldOnStage().owner(this.process);
    const options = {
      dir: MODEL_DIR,
      kind: 'items',
      schema: u32.schema,
      owner,
      durability,
      maxBytes: 2 ** 40,
    } as const;
    this.store = await this.built.store.Store.open(options, this.folder());
    this.isOpen = true;
    this.hasOpened = true;
  }

  /** What it did up to here is not explored. */
  async isReady(): Promise<void> {
    const world = worldOnStage();
    world.pace = 'released';
    await world.step('goes on', () => [undefined, ''], {});
  }

  async commit(): Promise<void> {
    const sequence = this.position;
    const tag = this.process.number * 100 + ++this.commits;
    await this.store!.commit(chunkOf(sequence, tag), { sequence: sequence + 1, items: 0 });
    this.acked.push({ sequence, tag });
  }

  async trim(below: number): Promise<void> {
    await this.store!.trim(below);
  }

  async close(): Promise<void> {
    const { store } = this;
    this.store = undefined;
    this.isOpen = false;
    await store?.close();
  }

  /** Looks while others write: it sees no less than what was acknowledged before. */
  async readsOn(): Promise<void> {
    const floor = await worldOnStage().step(
      'sees what was acknowledged',
      () => {
        const acked = Math.max(0, ...this.others.flatMap((other) => other.acked.map(({ sequence }) => sequence + 1)));
        return [acked, String(acked)];
      },
      { reads: [PROMISES] },
    );
    const sight = await this.look();
    const position = sight === 'absent' ? 0 : sight.chain.position.sequence;
    if (position < floor) throw new Error(`a reader sees ${position} sequences, and ${floor} were acknowledged before`);
  }

  /** A look whose steps are those of the processes: others go on between them. */
  private async look(): Promise<Sight | 'absent'> {
    const folder = this.folder();
    const looking = this.process.looks(this.built.look.look(MODEL_DIR));
    let step = looking.next();
    while (step.done !== true) {
      const question = step.value;
      step = looking.next(
        question === 'names' ? await folder.names() : await folder.read(question.name, question.most),
      );
    }
    return this.process.sees(step.value);
  }

  private folder() {
    return new this.built.folder.NodeFolder(MODEL_DIR, this.durability !== 'none');
  }
}

function refusalOf(error: unknown): string {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  return name === 'JournalError' && code === 'IN_USE' ? code : String(message);
}

const chunks = new Map<string, Uint8Array>();

function chunkOf(sequence: number, tag: number): Uint8Array {
  const key = `${sequence} ${tag}`;
  const known = chunks.get(key);
  if (known !== undefined) return known;
  const memory = privateMemory(BUFFER_BYTES);
  const item = privateMemory(8);
  u32.write(item, 0, tag);
  const writer = new ChunkWriter(memory);
  writer.reset(0, BUFFER_BYTES, { sequence, items: 0 });
  writer.appendItem(item.u8, 4);
  const chunk = memory.u8.subarray(0, writer.finish({ sequence: sequence + 1, items: 0 }));
  chunks.set(key, chunk);
  return chunk;
}

/** What a commit adds to a segment. */
export const COMMIT_BYTES: number = chunkOf(0, 0).length;
