import { setMaxListeners } from 'node:events';
import { ABORTED, Deadline } from '../shared/clock.ts';
import { aborted } from './aborted.ts';
import type { LeaderSignals } from './leaderelection/leadership.ts';

/** How long the workers may go on with what is queued when the controller stops, in ms. The next start finds the rest. */
const DRAIN = 2_000;

/** Work that can be drained: see `WorkerPool.drained` and `EventRecorder.drained`. */
interface Drainable {
  readonly drained: (signal: AbortSignal) => Promise<void>;
}

/**
 * Runs work until `stop` aborts and nothing of it waits, or `DRAIN` has passed, or `lost` aborts.
 *
 * @param parts the parts of the work; each may add to those after it
 * @param run runs them until its signal aborts
 */
export async function runUntilDrained(
  parts: readonly Drainable[],
  run: (signal: AbortSignal) => Promise<unknown>,
  { lost, stop }: LeaderSignals,
): Promise<void> {
  const cut = new AbortController();
  // Every reconcile listens to it.
  setMaxListeners(0, cut.signal);
  const abort = (): void => cut.abort(ABORTED);
  // At once, so that work whose write was refused finds its signal aborted, and reports no failure.
  if (lost.aborted) abort();
  lost.addEventListener('abort', abort, { once: true });
  const drain = async (): Promise<void> => {
    await aborted(stop);
    const deadline = new Deadline(DRAIN, lost);
    try {
      for (const part of parts) await part.drained(deadline.signal);
    } catch {
      // The time is up.
    }
    deadline.clear();
    abort();
  };
  await Promise.all([run(cut.signal), drain()]);
}
