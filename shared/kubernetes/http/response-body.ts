import type { IncomingMessage } from 'node:http';
import { Deadline } from '../../clock.ts';

/** The largest error body that is read, in bytes. A Kubernetes Status is far smaller. */
const MAX_REFUSAL = 1024 * 1024;

/** A body that stays open while no data arrives for too long. */
export class StalledBody extends Error {
  readonly code = 'ETIMEDOUT';
}

/**
 * Yields the chunks of a body. Throws `StalledBody` if the next chunk does not arrive within `stall` ms: a half-open
 * connection never ends by itself. Destroys a body that is not read to its end.
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

/**
 * Reads the JSON body of an error response. Returns undefined if it is not JSON or larger than 1 MiB. Throws as
 * `chunksOf` does.
 */
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
