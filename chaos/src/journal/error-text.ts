import type { ErrorText } from './jobs.ts';

/** The journal's error is the one that was thrown, or a cause of it; a flow wraps what its writer throws. */
export function errorText(thrown: unknown): ErrorText {
  for (let at = thrown; at instanceof Error; at = at.cause) {
    if (at.name === 'JournalError') return { code: (at as { code?: string }).code, message: at.message };
  }
  return { code: undefined, message: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) };
}
