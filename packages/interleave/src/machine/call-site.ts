/** Files of the seam, which stand between an access and the source line that wanted it. */
const OWN_FRAMES = /[\\/](interleave[\\/](src|dist)[\\/](atomics|seam|machine[\\/][\w-]+)|atomics)\.(js|ts)\b/;

/** Remembers which code is running. The text of a stack is only made when it is asked for. */
export function callerSite(): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 30;
  const site = new Error('site');
  Error.stackTraceLimit = limit;
  return site;
}

/** File, line and column of the access, in the code under test. */
export function formatSite(site: Error | null): string {
  const frames = (site?.stack ?? '').split('\n').slice(1);
  const user = frames.find((frame) => !OWN_FRAMES.test(frame) && !frame.includes('node:'));
  return user === undefined ? '' : shorten(user);
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
