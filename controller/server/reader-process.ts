import { parsePosted } from './posted.ts';
import { READY } from './reader.ts';

/** The process that parses what anyone may send: it has no keys, no credentials and no environment. */
if (process.send) {
  // A terminal's Ctrl-C reaches this process too; only the controller ends it.
  for (const name of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) process.on(name, () => undefined);
  process.on('disconnect', () => process.exit());
  process.on('message', (body: Uint8Array) => process.send?.(parsePosted(body)));
  process.send(READY);
}
