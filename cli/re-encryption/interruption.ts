const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Calls back if a signal stops the program, which then ends by the signal. Returns a function that cancels this. Files
 * that are being written are the business of `replaceFile`, which handles the same signals.
 */
export function onInterruption(tell: () => void): () => void {
  const stop = (signal: NodeJS.Signals): void => {
    cancel();
    tell();
    process.kill(process.pid, signal);
  };
  const cancel = (): void => {
    for (const signal of SIGNALS) process.off(signal, stop);
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  return cancel;
}
