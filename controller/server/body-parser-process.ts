import { READY } from './body-parser.ts';
import { parsePostedObject } from './posted.ts';

/** The child process that parses untrusted bodies. It has no keys, no credentials and no environment. */
if (process.send) {
  // Ctrl-C in a terminal reaches this process too, but only the controller ends it.
  for (const name of ['SIGTERM', 'SIGINT', 'SIGUSR1'] as const) process.on(name, () => undefined);
  process.on('disconnect', () => process.exit());
  process.on('message', (body: Uint8Array) => process.send?.(parsePostedObject(body)));
  process.send(READY);
}
