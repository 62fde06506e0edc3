import type { FieldCodec } from './codec.ts';
import { CodecError } from './errors.ts';
import { refuseMissing } from './refuse.ts';
import type { TextSchema } from './schema.ts';
import { refuseBadSchema } from './schema-check.ts';
import { ofField, show } from './show.ts';
import { readUtf8, utf8Length, writeUtf8 } from './utf8.ts';

/** Bytes before the text: a u16 with the length of its UTF-8 form. */
const LENGTH_BYTES = 2;

/**
 * Text of at most `maxBytes` bytes in UTF-8 (1 to 65,534), in room for that many: a u16 with the length, then the bytes.
 *
 * Text that needs more is refused, never cut: bytes count, not characters. Half a surrogate pair is refused too, because
 * UTF-8 has no form for it. Everything else comes back equal, U+0000 and a byte order mark included.
 */
export function text(maxBytes: number): FieldCodec<string> {
  refuseBadSchema({ type: 'text', maxBytes });
  return textOf({ type: 'text', maxBytes });
}

export function textOf({ maxBytes }: TextSchema): FieldCodec<string> {
  const codec: FieldCodec<string> = {
    kind: 'fixed',
    schema: { type: 'text', maxBytes },
    size: LENGTH_BYTES + maxBytes + (maxBytes & 1),
    align: LENGTH_BYTES,
    check(value, field) {
      if (typeof value !== 'string') refuseOther(value, field, maxBytes);
      const length = utf8Length(value);
      if (length < 0) refuseIllFormed(value, field);
      if (length > maxBytes) refuseLong(value, length, field, maxBytes);
    },
    store(memory, offset, value) {
      memory.u16[offset >> 1] = writeUtf8(memory.u8, offset + LENGTH_BYTES, value);
    },
    write(memory, offset, value) {
      codec.check(value);
      codec.store(memory, offset, value);
    },
    read(memory, offset) {
      // The limit holds even if the memory was overwritten: a read never leaves the field.
      const length = Math.min(memory.u16[offset >> 1], maxBytes);
      return readUtf8(memory.u8, offset + LENGTH_BYTES, length);
    },
    view(memory) {
      return { moveTo: (offset) => codec.read(memory, offset) };
    },
  };
  return codec;
}

function refuseOther(value: unknown, field: string | undefined, maxBytes: number): never {
  refuseMissing(value, field, `text(${maxBytes})`);
  throw new CodecError('WRONG_TYPE', `${show(value)}${ofField(field)} is not a string: convert it with String()`, {
    field,
  });
}

function refuseIllFormed(value: string, field: string | undefined): never {
  throw new CodecError(
    'ILL_FORMED_TEXT',
    `${show(value)}${ofField(field)} holds half a surrogate pair, which UTF-8 cannot: use toWellFormed(), or cut between characters`,
    { field },
  );
}

function refuseLong(value: string, length: number, field: string | undefined, maxBytes: number): never {
  throw new CodecError(
    'TOO_LARGE',
    `${show(value)}${ofField(field)} is ${length} bytes in UTF-8, more than the ${maxBytes} of text(${maxBytes}): shorten it, or raise the limit`,
    { field },
  );
}
