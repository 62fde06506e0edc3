import { type ChannelServer, KIND } from './channel.ts';
import { JournalError, packJournalError } from './errors.ts';
import { START } from './progress.ts';
import { Store, type StoreOptions } from './store.ts';

/** Answers requests until the store is closed or the process ends. Blocks its thread. */
export function serve(channel: ChannelServer): void {
  let store: Store | undefined;
  let dir = '';
  channel.begin();
  for (let kind = channel.next(); kind !== undefined; kind = channel.next()) {
    try {
      if (kind === KIND.open) {
        abandon(store);
        store = undefined;
        const options = channel.options<StoreOptions>();
        dir = options.dir;
        store = new Store(options);
        channel.done(store.position());
        continue;
      }
      if (kind === KIND.close) {
        const closing = store;
        store = undefined;
        closing?.close();
        channel.end();
        channel.done(START);
        return;
      }
      if (store === undefined) throw new JournalError('CLOSED', 'the journal is not open: start the flow again');
      if (kind === KIND.commit) {
        store.commit(channel.chunks(), channel.progress());
        channel.done(channel.progress());
      } else {
        channel.done({ sequence: store.trim(channel.progress().sequence), items: 0 });
      }
    } catch (error) {
      // Without a store there is nothing to stay for.
      if (store === undefined) channel.end();
      channel.refuse(packJournalError(error, dir));
      if (store === undefined) return;
    }
  }
  abandon(store);
  channel.end();
}

/** A client before this one may have died without a word. What it did not commit is not there. */
function abandon(store: Store | undefined): void {
  try {
    store?.close();
  } catch {
    // The next one looks at the store anew, and says what is wrong with it.
  }
}
