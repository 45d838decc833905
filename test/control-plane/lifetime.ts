/**
 * Cleanups that must happen however this process ends: a left-over etcd or a half-done `go build` costs the
 * next run its memory, and nobody remembers where it came from.
 */

const cleanups = new Set<() => void>();
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Registers a synchronous cleanup for exit, uncaught error, SIGINT, SIGTERM and SIGHUP.
 *
 * @returns a function that takes the cleanup back without running it
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
      // The others still have to run, and there is nobody left to tell.
    }
  }
  cleanups.clear();
}

function onSignal(signal: NodeJS.Signals): void {
  // Whoever else listens ends the program in its own way (or not at all); the exit handler then cleans up.
  if (process.listenerCount(signal) > 1) return;
  runAll();
  unlisten();
  process.kill(process.pid, signal); // now with the default action, so that a shell sees the true cause
}
