/** Looking at what was thrown, which may be anything: also a Proxy, or an error whose getters throw. */

/** Its message, or it as text. Never throws. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.message) : String(thrown);
  } catch {
    return 'what was thrown cannot be read';
  }
}

/** The same, or an error in its place where looking at it throws. */
export function readable(thrown: unknown): unknown {
  try {
    if (thrown instanceof Error) void [thrown.name, thrown.message, thrown.stack, thrown.cause];
    else String(thrown);
    return thrown;
  } catch (cause) {
    const why = messageOf(cause);
    return new Error(`what was thrown cannot be read: looking at it throws ${JSON.stringify(why)}`);
  }
}
