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
 * Reads a whole body. Resolves with undefined, and destroys the body, beyond `limit` bytes. Rejects if the body ends
 * early. Costs less than iterating over it.
 */
export function wholeBody(body: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    body.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) return void parts.push(chunk);
      resolve(undefined);
      body.destroy();
    });
    body.on('end', () => resolve(Buffer.concat(parts)));
    body.on('error', reject);
    body.on('close', () => {
      if (!body.readableEnded) reject(new Error('closed'));
    });
  });
}

/** Joins the chunks of a body. Returns undefined, and reads no further, beyond `limit` bytes. */
export async function bytesUpTo(limit: number, chunks: AsyncIterable<Buffer>): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > limit) return undefined;
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

/**
 * Reads the JSON body of an error response. Returns undefined if it is not JSON or larger than 1 MiB. Throws as
 * `chunksOf` does.
 */
export async function readRefusal(body: IncomingMessage, stall: number): Promise<unknown> {
  const bytes = await bytesUpTo(MAX_REFUSAL, chunksOf(body, stall));
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch {
    return undefined;
  }
}
