import { parentPort, workerData } from 'node:worker_threads';
import { ask } from './ask.ts';

/** The worker thread of a `VerifyingNeighbour`. */
const { url, body, localAddress } = workerData as { url: string; body: string; localAddress: string };
let stopped = false;
parentPort?.once('message', () => (stopped = true));

const statuses = new Set<number>();
let slowest = 0;
let count = 0;
do {
  const started = performance.now();
  const status = await ask('POST', url, { body, localAddress }).then(
    (answer) => answer.status,
    () => 0,
  );
  statuses.add(status);
  slowest = Math.max(slowest, Math.round(performance.now() - started));
  count++;
  await new Promise((resolve) => setTimeout(resolve, 50));
} while (!isStopped());
parentPort?.postMessage({ statuses: [...statuses], slowest, count });

function isStopped(): boolean {
  return stopped;
}
