import { formatSite } from '../machine/call-site.ts';
import type { Memory } from '../machine/memory.ts';
import { Kind, kindName } from '../machine/operation.ts';
import type { Event } from '../machine/recorder.ts';
import { Variant } from '../machine/variants.ts';

const NARROWEST = 16;
const WIDEST = 46;
const MOST_LINES = 400;

/** One execution for people: a line per access, a column per thread, the source line at the end. */
export function formatTrace(events: readonly Event[], names: readonly string[], memory: Memory): string {
  const shown = events.slice(-MOST_LINES);
  const texts = shown.map((event) => describe(event, names, memory));
  const widths = names.map((name, thread) => {
    const own = texts.filter((_, i) => shown[i].thread === thread).map((text) => text.length);
    return Math.min(WIDEST, Math.max(NARROWEST, name.length, ...own));
  });
  const line = (number: string, cells: readonly string[], site: string): string =>
    `${number.padStart(5)}  ${cells.map((cell, thread) => cell.padEnd(widths[thread])).join('  ')}  ${site}`.trimEnd();
  const lines = [line('step', names, 'source')];
  if (shown.length < events.length) lines.push(`       … ${events.length - shown.length} earlier accesses`);
  let step = events.slice(0, events.length - shown.length).filter(({ what }) => what !== 'plain').length;
  for (const [i, event] of shown.entries()) {
    const cells = names.map((_, thread) => (thread === event.thread ? texts[i] : ''));
    lines.push(line(event.what === 'plain' ? '' : String(++step), cells, formatSite(event.operation.site)));
  }
  return lines.join('\n');
}

function describe(event: Event, names: readonly string[], memory: Memory): string {
  const { operation, result, what, variant } = event;
  const { kind, a, b, data } = operation;
  if (what === 'death') return `dies before ${kindName(kind)}`;
  if (what === 'plain') {
    const place = memory.nameOfBytes(a, b);
    return kind === Kind.writeElement || kind === Kind.writeBytes
      ? `${place} := ${brief(data)}`
      : `reads ${place}${result === undefined ? '' : ` → ${brief(result)}`}`;
  }
  const name = kind === Kind.join ? names[operation.word] : memory.nameOf(operation.word);
  switch (kind) {
    case Kind.store:
      return `store ${name} ← ${a}`;
    case Kind.compareExchange:
      return `compareExchange ${name} ${a} ← ${b} ${result === a ? 'done' : `not done, was ${brief(result)}`}`;
    case Kind.add:
    case Kind.or:
    case Kind.and:
    case Kind.exchange:
      return `${kindName(kind)} ${name} ${a}, was ${brief(result)}`;
    case Kind.wait:
    case Kind.waitAsync:
      return `${kindName(kind)} ${name} = ${a} → ${typeof result === 'number' ? `sleeps${fate(variant)}` : brief(result)}`;
    case Kind.notify:
      return `notify ${name} (${a === Number.POSITIVE_INFINITY ? 'all' : a}) → wakes ${brief(result)}`;
    case Kind.resume:
    case Kind.awake:
      return `wakes up on ${name} → ${brief(result)}`;
    case Kind.pause:
      return 'looks again';
    default:
      return `${kindName(kind)} ${name} → ${brief(result)}`;
  }
}

function fate(variant: number): string {
  if (variant === Variant.diesAsleep) return ', will die';
  return variant === Variant.spurious ? ', will wake for nothing' : '';
}

function brief(value: unknown): string {
  if (value instanceof Uint8Array) return `[${value.subarray(0, 8).join(' ')}${value.length > 8 ? ' …' : ''}]`;
  return String(value);
}
