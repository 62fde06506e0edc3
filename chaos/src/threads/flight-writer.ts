/** The writer module under fire that has several batches in flight, or collects. Which one it is stands in its URL: `?flights={…}`. */
import { type Batch, type Progress, writer } from 'millrace';
import { Board } from './board.ts';
import { FLIGHT_CREDIT, type FlightData, type Flights, FlightWriter } from './flight.ts';
import { Ledger } from './ledger.ts';
import { fire, type Shot } from './shots.ts';

export interface FlightWriterData {
  readonly flight: FlightData;
  readonly ledger: SharedArrayBuffer;
  readonly board: SharedArrayBuffer;
  readonly shots: readonly Shot[];
  /** The writer's word: the shot that it spins for, and one. */
  readonly spinning: SharedArrayBuffer;
  readonly spinningAt: number;
}

const flights = JSON.parse(new URL(import.meta.url).searchParams.get('flights')!) as Flights;
const { maxInFlight, lingerMs, maxItems, bySequence, credit, readyAt, commits } = flights;

let data: FlightWriterData;
let board: Board;
let flight: FlightWriter;

function shoot(place: Shot['place']['in'], sequence: number, refuse?: (action: 'retry' | 'recompute') => void): void {
  for (const shot of data.shots) {
    if (shot.place.in !== place || ('sequence' in shot.place && shot.place.sequence > sequence)) continue;
    if (shot.place.in === 'init' && (shot.place.who !== 'writer' || !board.hasBegun())) continue;
    const isRefusal = shot.how === 'fault' || shot.how === 'again';
    if ((isRefusal && refuse === undefined) || !board.take(shot.id)) continue;
    const mayRecompute = !(commits && maxInFlight > 1);
    if (isRefusal) refuse?.(shot.how === 'again' && mayRecompute ? 'recompute' : 'retry');
    if (shot.how === 'spin') Atomics.store(new Int32Array(data.spinning), data.spinningAt, shot.id + 1);
    void fire(shot, board);
  }
}

export default writer<unknown>({
  ...(flights.given
    ? {}
    : { maxInFlight, lingerMs, maxItems, batches: bySequence ? 'sequence' : 'block', ...(credit ? { readyAt } : {}) }),
  demand: credit ? 'credit' : 'open',
  init(context) {
    data = context.data as FlightWriterData;
    board = new Board(data.board);
    const ledger = new Ledger(data.ledger);
    if (commits) ledger.forget();
    const hooks = {
      ready: (items: number) => context.ready(items),
      shoot: (sequence: number, refuse?: (action: 'retry' | 'recompute') => void) => shoot('write', sequence, refuse),
      shootCommit: (sequence: number) => shoot('commit', sequence),
    };
    flight = new FlightWriter(data.flight, ledger, hooks, data.flight.work.seed + ledger.progress);
    shoot('init', 0);
    if (credit) context.ready(FLIGHT_CREDIT);
    return commits ? flight.stands() : undefined;
  },
  write: (batch: Batch<unknown>) => flight.write(batch),
  ...(commits ? { commit: (progress: Progress) => flight.commit(progress) } : {}),
  close() {
    shoot('close', Number.POSITIVE_INFINITY);
  },
});
