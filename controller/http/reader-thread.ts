import { parentPort } from 'node:worker_threads';
import { parsePosted } from './posted.ts';

/** The thread that reads what anyone may send: without credentials and environment, and ended when it takes too long. */
if (parentPort) {
  const port = parentPort;
  port.on('message', (body: Uint8Array) => port.postMessage(parsePosted(body)));
  port.postMessage('ready');
}
