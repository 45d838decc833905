import type { WorkQueue } from '../../controller/workqueue/work-queue.ts';

/** Takes all ready keys of a queue. Returns the names of the objects, in the order of the queue. */
export async function takenFrom(queue: WorkQueue): Promise<string[]> {
  const { signal } = new AbortController();
  const names: string[] = [];
  while (queue.size > 0) {
    const ref = await queue.take(signal);
    names.push(ref.name);
    queue.done(ref);
  }
  return names;
}
