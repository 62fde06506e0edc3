/** The one place of a process that listens to signals, for all of its flows. */

/** What ends by a signal. */
export interface Guest {
  readonly signals: readonly NodeJS.Signals[];
  /** The process ends by the signal when this and all others are down. */
  readonly exits: boolean;
  /** Ends it, in good order. Never rejects. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** Ends it at once: the user has sent another signal. */
  force(): void;
}

interface Place {
  readonly guest: Guest;
  /** Signals that have come for it. */
  heard: number;
}

/** What the giver of a guest may do about it. */
export interface GuestHandle {
  /** Signals are not for it any more. */
  dispose(): void;
  /** It is down. Where that is of a signal, the process may end of it. */
  ended(): void;
}

const places = new Map<NodeJS.Signals, Set<Place>>();
/** Those that are being ended, and by which signal. */
const ending = new Map<Place, NodeJS.Signals>();
/** The signal by which the process is to end when none is being ended. */
let last: NodeJS.Signals | undefined;

/** Ends `guest` when one of its signals comes; one that comes while others are being ended by it is ended as well. */
export function endOnSignal(guest: Guest): GuestHandle {
  const place: Place = { guest, heard: 0 };
  for (const signal of guest.signals) {
    const all = places.get(signal);
    if (all !== undefined) all.add(place);
    else {
      places.set(signal, new Set([place]));
      process.on(signal, onSignal);
    }
  }
  const current = [...ending.values()].find((signal) => guest.signals.includes(signal));
  if (current !== undefined) hear(place, current);
  return {
    dispose: () => leave(place),
    ended() {
      if (place.heard === 0) leave(place);
    },
  };
}

function onSignal(signal: NodeJS.Signals): void {
  for (const place of [...(places.get(signal) ?? [])]) hear(place, signal);
}

function hear(place: Place, signal: NodeJS.Signals): void {
  const { guest } = place;
  place.heard++;
  if (place.heard === 1) void end(place, signal);
  else if (place.heard === 2) guest.force();
  else if (guest.exits) raise(signal);
}

async function end(place: Place, signal: NodeJS.Signals): Promise<void> {
  ending.set(place, signal);
  await place.guest.end(signal);
  // What was warned of is printed by then.
  await new Promise((resolve) => setImmediate(resolve));
  leave(place);
  ending.delete(place);
  if (place.guest.exits) last ??= signal;
  if (ending.size === 0 && last !== undefined) raise(last);
}

/** Ends the process as it would have ended without handlers of ours. */
function raise(signal: NodeJS.Signals): void {
  last = undefined;
  for (const place of [...(places.get(signal) ?? [])]) leave(place);
  process.kill(process.pid, signal);
}

function leave(place: Place): void {
  for (const signal of place.guest.signals) {
    const all = places.get(signal);
    if (all?.delete(place) !== true || all.size > 0) continue;
    places.delete(signal);
    process.off(signal, onSignal);
  }
}
