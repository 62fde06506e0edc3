/**
 * The way to get ordered results out of a pool: keep a window of tasks in flight, and always await the oldest one. The window is
 * what bounds the memory.
 */
export async function orderedWindow<Result>(
  tasks: number,
  window: number,
  submit: (task: number) => Promise<Result>,
  take: (result: Result) => void,
): Promise<void> {
  const inFlight: Promise<Result>[] = new Array(window);
  let submitted = 0;
  for (let taken = 0; taken < tasks; taken++) {
    while (submitted < tasks && submitted - taken < window) {
      inFlight[submitted % window] = submit(submitted);
      submitted++;
    }
    take(await inFlight[taken % window]);
  }
}
