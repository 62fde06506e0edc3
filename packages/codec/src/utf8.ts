/**
 * UTF-8 in plain JavaScript for the short texts of struct fields. TextEncoder and TextDecoder are kept out of it: they cost
 * a call across the engine's border per text, replace half a surrogate pair without a word, and drop a byte order mark.
 */

/** Not shared: Buffer decodes from here whatever memory the text came from. */
let scratch: Buffer = Buffer.alloc(256);

/** Bytes of the UTF-8 form, or -1 if the text holds half a surrogate pair and so has none. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) length += 1;
    else if (unit < 0xd800 || unit > 0xdfff) length += 2;
    else {
      const next = i + 1 < text.length ? text.charCodeAt(i + 1) : 0;
      if (unit > 0xdbff || next < 0xdc00 || next > 0xdfff) return -1;
      length += 2; // two units of one count each, four bytes
      i += 1;
    }
  }
  return length;
}

/** Writes a text that `utf8Length` accepted; returns the bytes used. */
export function writeUtf8(bytes: Uint8Array, offset: number, text: string): number {
  let at = offset;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      bytes[at++] = unit;
    } else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      bytes[at++] = 0xe0 | (unit >> 12);
      bytes[at++] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else {
      const point = 0x10000 + ((unit & 0x3ff) << 10) + (text.charCodeAt(++i) & 0x3ff);
      bytes[at++] = 0xf0 | (point >> 18);
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[at++] = 0x80 | (point & 0x3f);
    }
  }
  return at - offset;
}

/** Reads a text; bytes that are no UTF-8 become U+FFFD. */
export function readUtf8(bytes: Uint8Array, offset: number, length: number): string {
  if (length > scratch.length) scratch = Buffer.alloc(length);
  let seen = 0;
  for (let i = 0; i < length; i++) {
    const byte = bytes[offset + i];
    seen |= byte;
    scratch[i] = byte;
  }
  return scratch.toString(seen < 0x80 ? 'latin1' : 'utf8', 0, length);
}
