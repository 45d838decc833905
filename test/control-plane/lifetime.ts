/**
 * Cleanups that must run however this process ends: a left-over etcd or an unfinished `go build` takes memory from
 * the next run, and nobody remembers where it came from.
 */

const cleanups = new Set<() => void>();
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Registers a synchronous cleanup for exit, uncaught errors, SIGINT, SIGTERM and SIGHUP.
 *
 * @returns a function that unregisters the cleanup without running it
 */
export function atEnd(cleanup: () => void): () => void {
  if (cleanups.size === 0) listen();
  cleanups.add(cleanup);
  return () => {
    cleanups.delete(cleanup);
    if (cleanups.size === 0) unlisten();
  };
}

function listen(): void {
  process.on('exit', runAll);
  for (const signal of signals) process.on(signal, onSignal);
}

function unlisten(): void {
  process.off('exit', runAll);
  for (const signal of signals) process.off(signal, onSignal);
}

function runAll(): void {
  for (const cleanup of cleanups) {
    try {
      cleanup();
    } catch {
      // The remaining cleanups still have to run, and the error cannot be reported any more.
    }
  }
  cleanups.clear();
}

function onSignal(signal: NodeJS.Signals): void {
  // Other listeners end the program in their own way (or not at all); the exit handler then cleans up.
  if (process.listenerCount(signal) > 1) return;
  runAll();
  unlisten();
  process.kill(process.pid, signal); // now with the default action, so that a shell sees the true cause
}
