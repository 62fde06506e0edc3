interface Calls {
  readonly set: Set<{ readonly call: () => void }>;
  readonly listener: () => void;
}

/** By signal: what is called when it is aborted. */
const calls = new WeakMap<AbortSignal, Calls>();

/**
 * Calls `call` when the signal is aborted. All waits of a signal share one listener on it, which is gone with the last of them:
 * any number of waits makes no MaxListenersExceededWarning. Returns what takes the call back.
 */
export function onAbort(signal: AbortSignal, call: () => void): () => void {
  const entry = { call };
  const shared = calls.get(signal) ?? listen(signal);
  shared.set.add(entry);
  return () => {
    if (!shared.set.delete(entry) || shared.set.size > 0) return;
    signal.removeEventListener('abort', shared.listener);
    calls.delete(signal);
  };
}

function listen(signal: AbortSignal): Calls {
  const set: Calls['set'] = new Set();
  const listener = (): void => {
    calls.delete(signal);
    const all = [...set];
    set.clear();
    for (const { call } of all) call();
  };
  const shared = { set, listener };
  calls.set(signal, shared);
  signal.addEventListener('abort', listener, { once: true });
  return shared;
}
