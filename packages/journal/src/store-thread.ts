/** The thread half of a store; its main half is store-host.ts. */
import { workerData } from 'node:worker_threads';
import { ChannelServer } from './channel.ts';
import { serve } from './store-server.ts';

serve(new ChannelServer((workerData as { channel: SharedArrayBuffer }).channel));
