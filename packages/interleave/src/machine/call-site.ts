/** Files of the seam, which stand between an access and the source line that wanted it. */
const OWN_FRAMES = /[\\/](interleave[\\/](src|dist)[\\/](atomics|seam|machine[\\/][\w-]+)|atomics)\.(js|ts)\b/;

/** File, line and column of the access, and of the body's line that led to it if that is in another file. */
export function callerSite(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 30;
  const stack = new Error('site').stack ?? '';
  Error.stackTraceLimit = limit;
  const frames = stack
    .split('\n')
    .slice(1)
    .filter((frame) => !OWN_FRAMES.test(frame) && !frame.includes('node:'));
  return frames.length === 0 ? '' : shorten(frames[0]);
}

function shorten(frame: string): string {
  const location = /\(?((?:file:\/\/)?[^\s()]+:\d+:\d+)\)?$/.exec(frame.trim())?.[1] ?? frame.trim();
  const path = location.replace(/^file:\/\//, '');
  const here = `${process.cwd()}/`;
  return path.startsWith(here) ? path.slice(here.length) : path;
}

/**
 * Which place in the code is running, as a text to compare: the positions of all frames below
 * `below`. Costs some 10 µs, and no source maps are read.
 */
export function codePosition(below: (operation: never) => unknown): string {
  const { prepareStackTrace, stackTraceLimit } = Error;
  Error.prepareStackTrace = (_, frames) => frames.map((frame) => (frame as unknown as Positioned).getPosition()).join();
  Error.stackTraceLimit = 24;
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, below);
  const position = holder.stack ?? '';
  Error.prepareStackTrace = prepareStackTrace;
  Error.stackTraceLimit = stackTraceLimit;
  return position;
}

interface Positioned {
  getPosition(): number;
}
