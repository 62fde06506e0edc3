/** The process of one contender. Counterpart: `remote.ts`. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender, Registry, RunningContender } from './contender.ts';
import { peakRssBytes } from './machine.ts';
import type { Request, Response } from './remote-protocol.ts';

let running: RunningContender<unknown, unknown> | undefined;

// Without its parent it has nobody to measure for, and a spinning thread would disturb the next measurement.
process.on('disconnect', orphaned);
process.on('message', (message) => void serve(message as Request));

async function serve(request: Request): Promise<void> {
  const begin = performance.now();
  const cpuBegin = process.cpuUsage();
  let response: Response;
  try {
    const result = await perform(request);
    const cpu = process.cpuUsage(cpuBegin);
    const cost = {
      wallMs: performance.now() - begin,
      cpuMs: (cpu.user + cpu.system) / 1000,
      peakRssBytes: peakRssBytes(),
    };
    response = { type: 'done', id: request.id, result, cost };
  } catch (error) {
    response = {
      type: 'failed',
      id: request.id,
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
  process.send?.(response);
  if (request.type !== 'stop') return;
  process.off('disconnect', orphaned);
  process.disconnect();
}

function orphaned(): void {
  process.exit(1);
}

async function perform(request: Request): Promise<unknown> {
  switch (request.type) {
    case 'start':
      running = await (await load(request.registry, request.name)).start(request.options);
      return undefined;
    case 'round':
      if (!running) throw new Error('a round before the start');
      return running.round(request.setting);
    case 'idle':
      return sleep(request.ms);
    case 'stop':
      return running?.stop();
  }
}

async function load(registry: string, name: string): Promise<Contender<unknown, unknown>> {
  const module = (await import(registry)) as { default: Registry<unknown, unknown> };
  const loader = module.default[name];
  if (!loader)
    throw new Error(`no contender "${name}" in ${registry}; there are ${Object.keys(module.default).join(', ')}`);
  return loader();
}
