import { setMaxListeners } from 'node:events';
import { failureOf } from '../shared/errors.ts';
import { failureFields, type Log } from './log/log.ts';

/** How long the controller may take to stop, in ms. */
const GRACE = 10_000;

/** Logs the class and place of an error and exits with 1. The message may quote a secret, so it is left out. */
export function crash(log: Log, error: unknown): never {
  const place =
    error instanceof Error ? (error.stack?.split('\n').find((line) => line.startsWith('    at ')) ?? '') : '';
  log.error('crashed', { place: place.trim(), ...failureFields(failureOf(error, 'controller')) });
  process.exit(1);
}

/** Crashes on any error that nothing catches. */
export function crashOnUncaughtErrors(log: Log): void {
  process.on('uncaughtException', (error) => crash(log, error));
  process.on('unhandledRejection', (error) => crash(log, error));
}

/** Returns a signal that aborts on SIGTERM and SIGINT. A stop that takes longer than `GRACE` exits with 1. */
export function stopSignal(log: Log): AbortSignal {
  const stop = new AbortController();
  // Every worker, watch and request listens to it.
  setMaxListeners(0, stop.signal);
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      log.info('stopping', { signal: name });
      stop.abort();
      setTimeout(() => {
        log.error('stopping takes too long; exiting', { seconds: GRACE / 1000 });
        process.exit(1);
      }, GRACE).unref();
    });
  }
  return stop.signal;
}
