/** What must hold in every state of every execution. */
import assert from 'node:assert/strict';
import { chunkLength, readChunk } from '../../../src/format/chunk-reader.ts';
import type { Sight } from '../../../src/format/look.ts';
import { segmentName } from '../../../src/format/names.ts';
import { PAGE_BYTES } from '../../../src/format/page.ts';
import type { Durability } from '../../../src/store/durability.ts';
import { type Acked, Actor, TAG_AT } from './actor.ts';
import type { Built } from './built.ts';
import type { Disk } from './disk.ts';
import { MODEL_DIR } from './model-fs.ts';
import { stage, World } from './world.ts';

/** The number of the process that comes next. */
const SUCCESSOR = 9;

export interface Execution {
  readonly world: World;
  readonly actors: readonly Actor[];
  readonly built: Built;
  readonly durability: Durability;
}

export class Checks {
  private readonly hasPowerCuts: boolean;
  /** Disks, with what was promised, of which it is known that all is well. */
  private readonly good = new Set<string>();

  constructor(hasPowerCuts: boolean) {
    this.hasPowerCuts = hasPowerCuts;
  }

  /** Of one state, between two steps. */
  async state(execution: Execution): Promise<void> {
    const { world, actors, built, durability } = execution;
    checkRefusals(execution);
    const open = actors.filter(
      ({ isOpen, process }) => isOpen && process.state !== 'is dead' && !process.isTakenForDead,
    );
    assert(open.length <= 1, `${open.map(({ process }) => process.name)} have the journal open`);
    const acked = actors.flatMap((actor) => actor.acked);
    if (this.isNew('', world.disk, acked)) {
      const sight = lookAtOnce(built);
      expectHolds(world.disk, sight, acked);
      // All die here, and another one comes.
      await expectOpens(new World(world.disk.copy(), 'at once'), built, durability, acked, sight);
      if (this.hasPowerCuts) await this.powerCut(execution);
      stage.world = world;
    }
  }

  private async powerCut({ world, actors, built, durability }: Execution): Promise<void> {
    const acked = actors.flatMap((actor) => actor.acked).sort((a, b) => a.sequence - b.sequence);
    const safe = durability === 'always' ? acked : acked.slice(0, -1);
    for (const disk of world.disk.afterPowerCut()) {
      if (!this.isNew('after a power cut', disk, safe)) continue;
      stage.world = new World(disk, 'at once', { boot: 'second' });
      const sight = lookAtOnce(built);
      expectHolds(disk, sight, safe);
      await expectOpens(new World(disk.copy(), 'at once', { boot: 'second' }), built, durability, safe, sight);
    }
  }

  /** Of the end of an execution: whoever lives has closed or was refused. */
  async end({ world, actors, built, durability }: Execution): Promise<void> {
    const isQuiet = world.processes.every(({ state, isTakenForDead }) => state === 'is done' && !isTakenForDead);
    const hasWriter = actors.some(({ hasOpened }) => hasOpened);
    if (isQuiet) assert(hasWriter, 'nobody got the journal');
    const next = new World(world.disk.copy(), 'at once');
    next.processes.push(...world.processes);
    const acked = actors.flatMap((actor) => actor.acked);
    await expectOpens(next, built, durability, acked, lookAtOnce(built));
    stage.world = world;
  }

  private isNew(when: string, disk: Disk, acked: readonly Acked[]): boolean {
    const key = `${when} ${disk.key()} ${acked.map(({ tag }) => tag)}`;
    if (this.good.has(key)) return false;
    this.good.add(key);
    return true;
  }
}

/** What a process was told. */
function checkRefusals({ world, actors }: Execution): void {
  assert.equal(world.fault, undefined);
  const isZombie = world.processes.some(({ isTakenForDead }) => isTakenForDead);
  for (const { process, refusal, hasOpened } of actors) {
    if (refusal === undefined) continue;
    assert.equal(refusal, 'IN_USE', `${process.name} was told: ${refusal}`);
    assert(isZombie || !hasOpened, `${process.name} had the journal open and was refused`);
  }
}

function lookAtOnce(built: Built): Sight | 'absent' {
  return built.look.lookSync(MODEL_DIR);
}

/** Another process opens the journal, finds what the look has found, commits, and closes. */
async function expectOpens(
  world: World,
  built: Built,
  durability: Durability,
  acked: readonly Acked[],
  before: Sight | 'absent',
): Promise<void> {
  stage.world = world;
  let actor: Actor | undefined;
  await world.start('successor', SUCCESSOR, async (process) => {
    actor = new Actor(process, built, durability);
    await actor.run(async (successor) => {
      await successor.open();
      const position = before === 'absent' ? 0 : before.chain.position.sequence;
      assert.equal(successor.position, position, 'whoever comes next finds another end than a reader');
      expectHolds(world.disk, lookAtOnce(built), acked);
      await successor.commit();
      expectHolds(world.disk, lookAtOnce(built), [...acked, ...successor.acked]);
    });
  });
  assert.equal(world.fault, undefined);
  assert.equal(actor!.refusal, undefined, `whoever comes next is refused: ${actor!.refusal}`);
  assert.equal(world.processes.at(-1)!.state, 'is done');
}

/** The journal has what was acknowledged, and everything from where it was trimmed up to its position. */
function expectHolds(disk: Disk, sight: Sight | 'absent', acked: readonly Acked[]): void {
  if (sight === 'absent') {
    assert.deepEqual(acked, [], 'there is no journal');
    return;
  }
  const { chain } = sight;
  const tags = new Map<number, number>();
  for (const { generation, begin, end } of chain.segments) {
    const bytes = disk.names.get(segmentName(generation))?.bytes;
    assert(bytes, `segment ${generation} is not there`);
    let sequence = begin.sequence;
    for (let at = PAGE_BYTES; at < end.byte; ) {
      const chunk = bytes.subarray(at, at + (chunkLength(bytes, at) ?? 0));
      const span = readChunk(chunk);
      assert(typeof span !== 'string' && span.begin.sequence === sequence, `segment ${generation} at ${at}`);
      tags.set(sequence, chunk.readUInt32LE(TAG_AT));
      sequence = span.end.sequence;
      at += chunk.length;
    }
    assert.equal(sequence, end.sequence, `segment ${generation} ends elsewhere`);
  }
  for (let sequence = chain.trimmed; sequence < chain.position.sequence; sequence++)
    assert(tags.has(sequence), `sequence ${sequence} is missing`);
  for (const { sequence, tag } of acked)
    if (sequence >= chain.trimmed) assert.equal(tags.get(sequence), tag, `sequence ${sequence} was acknowledged`);
}
