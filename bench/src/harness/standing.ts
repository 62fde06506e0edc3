/**
 * What a contender is in a comparison, by its name. A bound shows what the machine allows: it has no failure handling and no API, so
 * it is no rival and never the best one.
 */
export type Standing = 'loop' | 'ours' | 'bound' | 'rival';

export const PLAIN_LOOP = 'plain-loop';

export function standingOf(name: string): Standing {
  if (name === PLAIN_LOOP) return 'loop';
  if (name.startsWith('bound-')) return 'bound';
  return /^(millrace|lane-|event-ring-|journal)/.test(name) ? 'ours' : 'rival';
}

/** Compared with the loop of its own language, in its own process. */
export const isJava = (name: string): boolean => name.startsWith('disruptor');
