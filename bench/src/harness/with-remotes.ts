import type { StartOptions } from './contender.ts';
import { RemoteContender } from './remote.ts';

/** Starts contenders by name, hands them to `use`, and stops them; if anything fails, none of them stays behind. */
export async function withRemotes<Setting, Result, Value>(
  registry: URL,
  names: readonly string[],
  options: StartOptions,
  use: (remotes: readonly RemoteContender<Setting, Result>[]) => Promise<Value>,
): Promise<Value> {
  const remotes: RemoteContender<Setting, Result>[] = [];
  try {
    for (const name of names) remotes.push(await RemoteContender.start(registry, name, { threads: options.threads }));
    const value = await use(remotes);
    for (const remote of remotes) await remote.stop();
    return value;
  } catch (error) {
    for (const remote of remotes) remote.kill();
    throw error;
  }
}
