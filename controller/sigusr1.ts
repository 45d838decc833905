import inspector from 'node:inspector';

/**
 * Handles SIGUSR1, which requests a new sealing key. The controller imports this file first: until there is a handler,
 * Node opens its inspector on SIGUSR1, a debugger that runs any code sent to it. An inspector that an early signal has
 * opened is closed.
 */
const listeners: (() => void)[] = [];
/** Whether a signal came before there was a listener. */
let early = false;

process.on('SIGUSR1', () => {
  closeInspector();
  early ||= listeners.length === 0;
  for (const listener of listeners) listener();
});

closeInspector();
// A signal that came before the handler was installed opens the inspector on another thread, shortly after.
for (const delay of [0, 50, 250, 1000]) setTimeout(closeInspector, delay).unref();

function closeInspector(): void {
  // Started with --inspect, the inspector is wanted.
  const wanted = process.execArgv.some((argument) => /^--inspect(-brk|-wait)?(=|$)/.test(argument));
  if (!wanted && inspector.url() !== undefined) inspector.close();
}

/** Calls the listener at every SIGUSR1, and at once if one came before there was a listener. */
export function onRenewalSignal(listener: () => void): void {
  listeners.push(listener);
  if (early) listener();
  early = false;
}
