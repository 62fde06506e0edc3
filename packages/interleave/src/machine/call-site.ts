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
