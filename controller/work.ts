import type { Queue } from './queue.ts';
import { reconcile, type Context } from './reconcile/reconcile.ts';

/** So many objects are worked on side by side: one that takes long, or an API server that does, holds up few. */
const WORKERS = 8;

/** Works on the queue until the signal is aborted. */
export async function work(queue: Queue, context: Context, signal: AbortSignal): Promise<void> {
  await Promise.all(Array.from({ length: WORKERS }, () => worker(queue, context, signal)));
}

async function worker(queue: Queue, context: Context, signal: AbortSignal): Promise<void> {
  for (;;) {
    const ref = await queue.take(signal).catch(() => undefined);
    if (ref === undefined) return;
    try {
      if ((await reconcile(ref, context, signal)) === 'retry') queue.retry(ref);
      else queue.forget(ref);
    } catch {
      // Only an aborted signal gets here; what was not done is found again at the next start.
    } finally {
      queue.done(ref);
    }
  }
}
