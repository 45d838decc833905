import type { IncomingMessage } from 'node:http';

/** The largest body: more than etcd stores of one object, which is 1.5 MiB. */
export const MAX_BODY = 2 * 1024 * 1024;

/** Whether the request says that it has a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Whether its length, where it is told, is beyond the bound: then nothing of it need be read. */
export function saysTooLarge({ headers }: IncomingMessage): boolean {
  return Number(headers['content-length'] ?? 0) > MAX_BODY;
}

/** The whole body; `too large` as soon as it is beyond the bound, whatever it says of its length. Rejects when cut. */
export function readBody(request: IncomingMessage, signal: AbortSignal): Promise<Buffer | 'too large'> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const done = (): void => {
      request.off('data', take).off('end', end);
      signal.removeEventListener('abort', cut);
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= MAX_BODY) return;
      request.pause();
      done();
      resolve('too large');
    };
    const end = (): void => {
      done();
      resolve(Buffer.concat(chunks));
    };
    const cut = (): void => {
      done();
      reject(new Error('the request was cut'));
    };
    signal.addEventListener('abort', cut, { once: true });
    request.on('data', take).once('end', end);
    if (signal.aborted) cut();
  });
}

/** So much of a body that nobody wants is taken and dropped. */
const LINGERING = 4 * 1024 * 1024;

/**
 * Takes a little of what still comes after the answer: most clients read the answer only then, and to one that is cut
 * off while it sends, the answer may be lost. Whoever sends more is cut off.
 */
export function linger(request: IncomingMessage, ended: () => void): void {
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > LINGERING) request.socket.destroy();
  });
  request.once('end', ended).resume();
}
