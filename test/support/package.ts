import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder that has the package.json, wherever the compiled tests are. */
export const PACKAGE = find(import.meta.dirname);

/** What `package.json#bin` names. */
export const KUBESEAL = join(PACKAGE, 'dist', 'cli', 'main.js');
export const CONTROLLER = join(PACKAGE, 'dist', 'controller', 'bin.js');

function find(dir: string): string {
  return existsSync(join(dir, 'package.json')) ? dir : find(dirname(dir));
}
