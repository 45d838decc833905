import { parsePosted } from './posted.ts';
import { READY } from './reader.ts';

/** The process that reads what anyone may send: it has no keys, no credentials and no environment. */
if (process.send) {
  // What ends the controller, such as a terminal's Ctrl-C, comes here too; the controller says when this one ends.
  for (const name of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) process.on(name, () => undefined);
  process.on('disconnect', () => process.exit());
  process.on('message', (body: Uint8Array) => process.send?.(parsePosted(body)));
  process.send(READY);
}
