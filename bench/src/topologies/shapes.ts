/**
 * The eight shapes in which a producer, consumers and a writer can be wired, each over the same stages. A hop is what the graph
 * makes of it: a message, or a record in a lane. `threads` is the number of computing threads.
 */
import type { StageSpec } from './actor-thread.ts';
import type { GraphBuilder } from './stage-threads.ts';

const PREFETCH = 2;
const HOLDS = 4;

const producer = (carriesEvents: boolean): StageSpec => ({ kind: 'produce', carriesEvents });
const relay: StageSpec = { kind: 'relay', holds: HOLDS, announces: false };
const announcingRelay: StageSpec = { kind: 'relay', holds: HOLDS, announces: true };
const worker: StageSpec = { kind: 'compute', prefetch: PREFETCH };
const writer: StageSpec = { kind: 'write', holdsPerWorker: PREFETCH, followsLog: false };

/** A stage after those that lead to it. */
function after<Node>(graph: GraphBuilder<Node>, spec: StageSpec, ...before: readonly Node[]): Node {
  const node = graph.stage(spec);
  for (const one of before) graph.link(one, node);
  return node;
}

const workers = <Node>(graph: GraphBuilder<Node>, count: number, from: Node, spec: StageSpec = worker): Node[] =>
  Array.from({ length: count }, () => after(graph, spec, from));

export type Shape = <Node>(graph: GraphBuilder<Node>, threads: number) => void;

export const SHAPES: Readonly<Record<string, Shape>> = {
  /** 1: the producer itself sends the events to whichever consumer wants most. */
  '1-direct': (graph, threads) => {
    after(graph, writer, ...workers(graph, threads, graph.stage(producer(true))));
  },
  /** 2: a dispatcher between the producer and the consumers. */
  '2-dispatcher': (graph, threads) => {
    const dispatcher = after(graph, relay, graph.stage(producer(true)));
    after(graph, writer, ...workers(graph, threads, dispatcher));
  },
  /** 3: a broker between the dispatcher and the consumers. */
  '3-broker': (graph, threads) => {
    const dispatcher = after(graph, relay, graph.stage(producer(true)));
    after(graph, writer, ...workers(graph, threads, after(graph, relay, dispatcher)));
  },
  /** 4: only tasks go through the broker, the events lie in shared memory. */
  '4-tasks-by-broker': (graph, threads) => {
    after(graph, writer, ...workers(graph, threads, after(graph, relay, graph.stage(producer(false)))));
  },
  /** 5: the dispatcher is two stages: one that takes in, and one for each consumer that hands out. */
  '5-two-stage-dispatcher': (graph, threads) => {
    const intake = after(graph, relay, graph.stage(producer(true)));
    const handOut = workers(graph, threads, intake, relay);
    after(graph, writer, ...handOut.map((one) => after(graph, worker, one)));
  },
  /** 6: the dispatcher tells the writer the order of the tasks, which then looks for nothing. */
  '6-tasks-to-writer': (graph, threads) => {
    const dispatcher = after(graph, announcingRelay, graph.stage(producer(false)));
    const computing = workers(graph, threads, dispatcher);
    after(graph, { ...writer, followsLog: true }, ...computing, dispatcher);
  },
  /** 7: a worker is producer and consumer at once: it takes a task only when the writer has asked for a batch. */
  '7-pull-through': (graph, threads) => {
    const dispatcher = after(graph, relay, graph.stage(producer(false)));
    after(graph, writer, ...workers(graph, threads, dispatcher, { kind: 'compute', prefetch: 0 }));
  },
  /** 8: twice as many workers stand by as there are threads to compute on, each with one task at a time. */
  '8-standby-pool': (graph, threads) => {
    const dispatcher = after(graph, relay, graph.stage(producer(false)));
    after(graph, writer, ...workers(graph, 2 * threads, dispatcher, { kind: 'compute', prefetch: 1 }));
  },
};
