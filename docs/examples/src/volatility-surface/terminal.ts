import { SingleBar } from 'cli-progress';
import pc from 'picocolors';
import type { Progress } from './job.ts';

const LINE_EVERY_MS = 1_000;

/** Where progress is shown: one bar that moves, or plain lines for a log. */
export interface Terminal {
  say(line: string): void;
  begin(title: string, events: number): void;
  update(progress: Progress): void;
  end(): void;
}

export function openTerminal(stream: NodeJS.WriteStream): Terminal {
  return stream.isTTY ? new BarTerminal(stream) : new LineTerminal(stream);
}

class BarTerminal implements Terminal {
  private readonly stream: NodeJS.WriteStream;
  private bar: SingleBar | undefined;
  private startedAt = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream;
  }

  say(line: string): void {
    this.stream.write(`${line}\n`);
  }

  begin(title: string, events: number): void {
    this.startedAt = performance.now();
    this.bar = new SingleBar({
      stream: this.stream,
      format: `${title.padEnd(14)} ${pc.cyan('{bar}')} {percentage}% │ {rates}`,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 28,
      fps: 12,
      gracefulExit: false,
      linewrap: false,
    });
    this.bar.start(events, 0, { rates: '' });
  }

  update(progress: Progress): void {
    this.bar?.update(progress.events, { rates: describeRates(progress, this.startedAt) });
  }

  end(): void {
    this.bar?.stop();
    this.bar = undefined;
  }
}

class LineTerminal implements Terminal {
  private readonly stream: NodeJS.WriteStream;
  private title = '';
  private events = 0;
  private startedAt = 0;
  private printedAt = 0;
  private isDone = false;

  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream;
  }

  say(line: string): void {
    this.stream.write(`${line}\n`);
  }

  begin(title: string, events: number): void {
    this.title = title;
    this.events = events;
    this.startedAt = performance.now();
    this.printedAt = this.startedAt;
    this.isDone = false;
  }

  update(progress: Progress): void {
    const isDone = progress.events === this.events;
    if (this.isDone || (!isDone && performance.now() - this.printedAt < LINE_EVERY_MS)) return;
    this.isDone = isDone;
    this.printedAt = performance.now();
    const percent = Math.floor((100 * progress.events) / this.events);
    this.say(`${this.title}: ${String(percent).padStart(3)} %, ${describeRates(progress, this.startedAt)}`);
  }

  end(): void {}
}

function describeRates({ events, items, headOfLine }: Progress, startedAt: number): string {
  const seconds = Math.max(0.001, (performance.now() - startedAt) / 1000);
  const rates = `${whole(events / seconds)} events/s, ${whole(items / seconds)} items/s`;
  return headOfLine === undefined ? rates : `${rates}, head of line: ${headOfLine}`;
}

function whole(number: number): string {
  return Math.round(number).toLocaleString('en');
}
