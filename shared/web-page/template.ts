import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Returns the page as it was built: offline, and without certificates. The bundles have it inside, in place of this file. */
export function readTemplate(): string {
  return readFileSync(join(import.meta.dirname, '..', '..', 'web', 'seal.html'), 'utf8');
}
