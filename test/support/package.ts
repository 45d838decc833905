import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIST, PACKAGE } from '../../build/package.ts';

export { PACKAGE };

/** The file of the controller, as in `package.json#bin`. */
export const CONTROLLER = join(DIST, 'controller', 'bin.js');

/** Returns the flags of Node in the first line of the controller's file, for tests that run it as an argument of Node. */
export function controllerFlags(): readonly string[] {
  const [firstLine = ''] = readFileSync(CONTROLLER, 'utf8').split('\n', 1);
  return firstLine.split(' ').filter((word) => word.startsWith('--'));
}
