/** A part of the controller. Each of its functions is optional. */
export interface Runnable {
  /** Prepares the part. The next part starts once the promise resolves. */
  readonly start?: () => void | Promise<void>;
  /** Does the work of the part until the signal aborts. */
  readonly run?: (signal: AbortSignal) => Promise<unknown>;
  /** Releases what the part holds, after every later part has stopped. */
  readonly stop?: () => void | Promise<void>;
}

/**
 * Starts the parts in order and runs them side by side. When the signal aborts, every part ends its work; once all work
 * has ended, the parts stop in reverse order.
 *
 * Throws the first error of a `start` or `run`, after the parts that have started have stopped. Work that still runs
 * then is not waited for.
 */
export async function runAll(runnables: readonly Runnable[], signal: AbortSignal): Promise<void> {
  const started: Runnable[] = [];
  const work: Promise<unknown>[] = [];
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => undefined);
  try {
    for (const runnable of runnables) {
      if (runnable.start) await Promise.race([runnable.start(), failed]);
      started.push(runnable);
      if (!runnable.run) continue;
      const running = runnable.run(signal);
      running.catch(fail);
      work.push(running);
    }
    await Promise.all(work);
  } finally {
    for (const runnable of started.reverse()) await runnable.stop?.();
  }
}
