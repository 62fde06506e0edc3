import type { MessagePort } from 'node:worker_threads';

/**
 * A port whose listener changes from round to round. A port drops messages that come while nobody listens, and the other side
 * may begin a round first, so they are kept for the next listener.
 */
export class PortListener<Message> {
  readonly #kept: Message[] = [];
  #listener: ((message: Message) => void) | undefined;

  constructor(port: MessagePort) {
    port.on('message', (message: Message) => {
      if (this.#listener) this.#listener(message);
      else this.#kept.push(message);
    });
  }

  listen(listener: (message: Message) => void): void {
    this.#listener = listener;
    for (const message of this.#kept.splice(0)) listener(message);
  }

  stop(): void {
    this.#listener = undefined;
  }
}
