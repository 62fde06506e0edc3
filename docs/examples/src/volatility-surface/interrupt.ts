/**
 * Runs with a signal that Ctrl-C aborts, so that a flow can stop its threads. Then the process ends, with the exit status that
 * a shell expects. Outside of such a run Ctrl-C ends the process at once, as always: the single-threaded loop could not hear it.
 */
export async function interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = (): void => controller.abort(new Error('Interrupted'));
  process.once('SIGINT', abort);
  try {
    return await run(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    console.error('\nInterrupted');
    process.exit(130);
  } finally {
    process.off('SIGINT', abort);
  }
}
