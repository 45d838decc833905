const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What to do if a signal stops the program. One listener serves all, since many files may be written at once. */
const callbacks = new Set<() => void>();

/**
 * Calls back if a signal stops the program, which then ends by the signal. Callbacks run in their order. Returns a
 * function that cancels this.
 */
export function onInterruption(callback: () => void): () => void {
  if (callbacks.size === 0) for (const signal of SIGNALS) process.on(signal, stop);
  callbacks.add(callback);
  return () => {
    if (callbacks.delete(callback)) stopListening();
  };
}

function stop(signal: NodeJS.Signals): void {
  for (const callback of callbacks) callback();
  callbacks.clear();
  stopListening();
  process.kill(process.pid, signal);
}

function stopListening(): void {
  if (callbacks.size === 0) for (const signal of SIGNALS) process.off(signal, stop);
}
