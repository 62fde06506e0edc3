/** What a user's `--import` names: loaded by the main thread and by the threads that run code of the user's. */
import { writeSync } from 'node:fs';

writeSync(1, 'loaded\n');
