import { Owners } from './owners.ts';

/** One shared buffer of the model, as a stretch of the model's words. */
export interface Region {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array;
  /** Number of its first word among all words of the model. */
  readonly base: number;
}

/** All shared memory of one model, as one row of words: word `n` of the model is one word of one buffer. */
export class Memory {
  readonly regions: Region[] = [];
  readonly owners: Owners = new Owners(this);
  /** Words of all buffers together. */
  size = 0;
  private readonly byBuffer = new Map<SharedArrayBuffer, Region>();
  private readonly labels = new Map<number, string>();
  private sealed = false;

  /** The region of a buffer; during setup, a buffer that was not known yet becomes part of the model. */
  region(buffer: SharedArrayBuffer): Region {
    const known = this.byBuffer.get(buffer);
    if (known !== undefined) return known;
    if (this.sealed) {
      throw new Error(
        'a thread body uses a shared buffer that setup() did not make: allocate in setup, attach in the body',
      );
    }
    if (buffer.byteLength % 4 !== 0) {
      throw new RangeError(`a shared buffer of ${buffer.byteLength} bytes: the checker needs a multiple of 4`);
    }
    const region = { buffer, words: new Int32Array(buffer), base: this.size };
    this.regions.push(region);
    this.byBuffer.set(buffer, region);
    this.size += region.words.length;
    return region;
  }

  /** The region of a word. */
  regionOf(word: number): Region {
    const region = this.regions.findLast(({ base }) => base <= word);
    if (region === undefined || word >= this.size) throw new RangeError(`word ${word} of ${this.size}`);
    return region;
  }

  /** After setup: no buffer joins any more. */
  seal(): void {
    this.sealed = true;
  }

  label(word: number, name: string): void {
    this.labels.set(word, name);
  }

  /** Name of a word for people: its label, or buffer and byte offset. */
  nameOf(word: number): string {
    const label = this.labels.get(word);
    if (label !== undefined) return label;
    const at = this.regions.findLastIndex((region) => region.base <= word);
    if (at < 0) return `word ${word}`;
    const offset = (word - this.regions[at].base) * 4;
    return this.regions.length === 1 ? `@${offset}` : `buffer${at}@${offset}`;
  }

  nameOfBytes(address: number, length: number): string {
    const name = this.nameOf(address >> 2);
    const from = (address & 3) === 0 ? '' : ` + ${address & 3}`;
    return length === 4 ? `${name}${from}` : `${name}${from} (${length} bytes)`;
  }

  nameOfByte(address: number): string {
    return (address & 3) === 0 ? this.nameOf(address >> 2) : `${this.nameOf(address >> 2)} + ${address & 3}`;
  }

  copy(): Int32Array[] {
    return this.regions.map((region) => region.words.slice());
  }

  restore(copies: readonly Int32Array[]): void {
    for (const [i, region] of this.regions.entries()) region.words.set(copies[i]);
  }
}
