import { find, setAttributes, UNASSISTED } from './dom.ts';
import { Page } from './page.ts';
import { workerStarter } from './start-worker.ts';

/**
 * Starts the page where the browser can encrypt and unpack the worker, and says so where it cannot. There is no encryption of our own for that
 * case: an attacker who can read the traffic can also change the page.
 *
 * @param packedWorker the script of the worker, as `workerStarter` takes it
 */
export async function startPage(packedWorker: string): Promise<void> {
  const isServed = document.documentElement.dataset['mode'] === 'served';
  if (!canEncrypt()) {
    find('insecure', HTMLElement).hidden = false;
    find('insecure-file', HTMLElement).hidden = !isServed;
    return;
  }
  if (!('DecompressionStream' in globalThis)) {
    find('outdated', HTMLElement).hidden = false;
    return;
  }
  const startWorker = await workerStarter(packedWorker);
  for (const id of ['offline-file', 'served-exception']) find(id, HTMLElement).hidden = !isServed;
  for (const id of ['steps', 'clear']) find(id, HTMLElement).hidden = false;
  for (const input of document.querySelectorAll<HTMLInputElement>('input[type="text"]'))
    setAttributes(input, UNASSISTED);
  await new Page(startWorker).loadCertificates();
}

/** `crypto.subtle` is absent on a page that came over plain http, whatever its type says. */
function canEncrypt(): boolean {
  return isSecureContext && 'subtle' in crypto;
}
