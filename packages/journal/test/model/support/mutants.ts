import type { Mutant } from './built.ts';

const TWO_OPEN = ['two open after a death, and one of them dies', 'two make the journal, and one dies'];
const ZOMBIES = [
  'a writer is taken for dead while it begins a segment',
  'a writer is taken for dead while it opens',
  'a writer is taken for dead while it trims',
];
const CUTS = ['a power cut at always', 'a power cut at batch'];

/** Each is a mistake that some scenario has to find. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a commit is acknowledged before the mark is written',
    file: 'store/store.js',
    find: 'await this.setMark({ ...mark, committed, flushed: this.flushed });',
    replace: 'void this.setMark({ ...mark, committed, flushed: this.flushed });',
    scenarios: [...ZOMBIES, ...TWO_OPEN],
  },
  {
    name: 'the owner looks at its fence before the mark is written',
    file: 'store/store.js',
    find: 'await this.setMark({ ...mark, committed, flushed: this.flushed });\n        await this.expectOwner();',
    replace: 'await this.expectOwner();\n        await this.setMark({ ...mark, committed, flushed: this.flushed });',
    scenarios: ZOMBIES,
  },
  {
    name: 'a commit is acknowledged without a look at the fence',
    file: 'store/store.js',
    find: 'flushed: this.flushed });\n        await this.expectOwner();',
    replace: 'flushed: this.flushed });',
    scenarios: ZOMBIES,
  },
  {
    name: 'the end of the journal is read before the fence is in place',
    file: 'store/claim.js',
    find: 'return await fenceOff(folder, dir, { ...header, generation, previous });',
    replace: 'return { ...(await fenceOff(folder, dir, { ...header, generation, previous })), sight };',
    scenarios: ZOMBIES,
  },
  {
    name: 'who opens does not look whether its claim is the newest',
    file: 'store/claim.js',
    find: 'if (!(await isNewest(folder, generation))) {',
    replace: 'if (false) {',
    scenarios: ['three open after a death'],
  },
  {
    name: 'who opens does not look whether its claim is the newest, nor behind its fence',
    file: 'store/claim.js',
    find: 'sight.pages.at(-1)?.generation !== header.generation',
    replace: 'false',
    scenarios: ['a writer is taken for dead while it opens'],
  },
  {
    name: 'who begins a segment does not look whether it is the newest',
    file: 'store/claim.js',
    find: 'fence !== undefined && (await isNewest(folder, generation))',
    replace: 'fence !== undefined',
    scenarios: ZOMBIES,
  },
  {
    name: 'a claim replaces one that is there',
    file: 'store/folder.js',
    find: 'await fs.promises.link(path, join(this.dir, name));',
    replace: 'await fs.promises.rename(path, join(this.dir, name));',
    scenarios: TWO_OPEN,
  },
  {
    name: 'old segments are removed before the new mark is written',
    file: 'store/store.js',
    find: 'file = await at.open(segmentName(header.generation));',
    replace:
      'for (const { generation } of sight.pages) if (generation < header.generation && older.every((o) => o.generation !== generation)) await at.remove(segmentName(generation)); file = await at.open(segmentName(header.generation));',
    scenarios: TWO_OPEN,
  },
  {
    name: 'what is trimmed is removed before the mark says so',
    file: 'store/store.js',
    find: 'await this.setMark({ ...this.mark, trimmed });',
    replace: 'await this.removeBelow(trimmed); await this.setMark({ ...this.mark, trimmed });',
    scenarios: ['a writer trims and dies while another one opens'],
  },
  {
    name: 'what is trimmed is removed before the mark that says so is flushed',
    file: 'store/store.js',
    find: 'if (this.isDurable)\n                    await this.file.flush();\n            }',
    replace: '}',
    scenarios: ['a power cut while it is trimmed'],
  },
  {
    name: 'a trim does not look at the fence before it removes',
    file: 'store/store.js',
    find: 'await this.expectOwner();\n            const isWorthIt',
    replace: 'const isWorthIt',
    scenarios: ['a writer is taken for dead while it trims'],
  },
  {
    name: 'the header does not say which segment its owner found',
    file: 'store/claim.js',
    find: '{ ...header, generation, previous });',
    replace: '{ ...header, generation, previous: generation });',
    scenarios: TWO_OPEN,
  },
  {
    name: 'the header counts on a mark that was not flushed',
    file: 'store/claim.js',
    find: 'if (previous > 0)',
    replace: 'if (false)',
    scenarios: [
      'a power cut when a writer was taken for dead while it commits',
      'a power cut when a writer died while another one opens',
    ],
  },
  {
    name: 'the mark calls flushed what was only written',
    file: 'store/store.js',
    find: 'committed, flushed: this.flushed });',
    replace: 'committed, flushed: committed });',
    scenarios: ['a power cut at batch'],
  },
  {
    name: 'at always a commit is not flushed',
    file: 'store/store.js',
    find: "if (options.durability === 'always') {\n            await file.flush();",
    replace: "if (options.durability === 'always') {",
    scenarios: CUTS,
  },
  {
    name: 'at always a commit is flushed only after its mark, and called flushed before',
    file: 'store/store.js',
    find: 'await file.flush();\n            this.flushed = committed;\n        }\n        await this.setMark({ ...mark, committed, flushed: this.flushed });',
    replace:
      'this.flushed = committed;\n        }\n        await this.setMark({ ...mark, committed, flushed: this.flushed }); await file.flush();',
    scenarios: CUTS,
  },
  {
    name: 'at batch a commit does not wait for the flush of the one before',
    file: 'store/store.js',
    find: 'await this.flushing;\n        });\n        await this.write(chunks);',
    replace: '});\n        await this.write(chunks);',
    scenarios: ['a power cut at batch'],
  },
  {
    name: 'a segment is not flushed before the next one begins',
    file: 'store/store.js',
    find: 'await this.flushing;\n        if (this.isDurable)\n            await file.flush();\n        const next',
    replace: 'const next',
    scenarios: CUTS,
  },
  {
    name: 'the folder is not flushed',
    file: 'store/folder.js',
    find: 'if (this.isDurable)\n            await syncFolder(this.dir);',
    replace: '',
    scenarios: CUTS,
  },
  {
    name: 'a file gets its name before it is flushed',
    file: 'store/folder.js',
    find: 'if (this.isDurable)\n                await flushData(fd);',
    replace: '',
    scenarios: CUTS,
  },
  {
    name: 'an owner that failed keeps the journal while its thread lives',
    file: 'store/claim.js',
    find: "mark === 'opening' || (mark !== 'given up' && mark.state === 'open')",
    replace: "mark === 'opening' || mark === 'given up' || mark.state !== 'closed'",
    scenarios: ZOMBIES,
  },
  {
    name: 'a header that names a removed segment tears the journal',
    file: 'format/chain.js',
    find: 'const expected =',
    replace: "if (newest.generation > 0 && own === undefined) return 'segment is missing'; const expected =",
    scenarios: ZOMBIES,
  },
  {
    name: 'a look asks for the length of a file before it reads the mark',
    file: 'store/folder.js',
    find: 'const buffer = Buffer.alloc(Math.min((await file.stat()).size, most));',
    replace:
      'const early = await file.stat(); const buffer = Buffer.alloc(Math.min(early.size, most)); file.stat = async () => early;',
    scenarios: ['a reader looks while a writer opens and dies', ...TWO_OPEN],
  },
  {
    name: 'a fault counts when it is seen once',
    file: 'format/look.js',
    find: 'if (now === before)',
    replace: 'if (true)',
    scenarios: ['a reader looks while a writer trims and begins segments'],
  },
];
