import type { IncomingMessage } from 'node:http';
import { Deadline } from '../../clock.ts';

/** How large the body of a refusal may be, in bytes: a Status of Kubernetes is far smaller. */
const MAX_REFUSAL = 1024 * 1024;

/** A body that stays open, of which nothing has arrived for too long. */
export class StalledBody extends Error {
  readonly code = 'ETIMEDOUT';
}

/**
 * Yields the chunks of a body. Throws `StalledBody` when none arrives for `stall` milliseconds while one is awaited:
 * a half-open connection never ends by itself. Destroys a body that is not read to its end.
 */
export async function* chunksOf(body: IncomingMessage, stall: number): AsyncGenerator<Buffer> {
  const chunks = (body as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const deadline = new Deadline(stall);
      deadline.signal.addEventListener('abort', () => body.destroy(new StalledBody()));
      const next = await chunks.next().finally(() => deadline.clear());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    body.destroy();
  }
}

/** Reads the body of a refusal. Returns undefined for one that is not JSON or larger than 1 MiB. */
export async function readRefusal(body: IncomingMessage, stall: number): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunksOf(body, stall)) {
    size += chunk.length;
    if (size > MAX_REFUSAL) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
  } catch {
    return undefined;
  }
}
