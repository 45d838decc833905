import inspector from 'node:inspector';

/**
 * The controller's first import: in this project SIGUSR1 asks for a new sealing key. Until a handler stands, Node
 * opens its inspector on it, a debugger that runs any code sent to it; one that a signal has opened before is closed.
 */
const asked: (() => void)[] = [];
let early = false;

process.on('SIGUSR1', () => {
  closeInspector();
  early ||= asked.length === 0;
  for (const listener of asked) listener();
});

closeInspector();
// A signal from before the handler stood opens the inspector on another thread, shortly after.
for (const delay of [0, 50, 250, 1000]) setTimeout(closeInspector, delay).unref();

function closeInspector(): void {
  // Whoever started the process with --inspect wants it.
  const wanted = process.execArgv.some((argument) => /^--inspect(-brk|-wait)?(=|$)/.test(argument));
  if (!wanted && inspector.url() !== undefined) inspector.close();
}

/** Calls the listener at every SIGUSR1, and at once where one has come before there was a listener. */
export function onRenewalSignal(listener: () => void): void {
  asked.push(listener);
  if (early) listener();
  early = false;
}
