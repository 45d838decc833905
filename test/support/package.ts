import { join } from 'node:path';
import { DIST, PACKAGE } from '../../build/package.ts';

export { PACKAGE };

/** The file of the controller, as in `package.json#bin`. */
export const CONTROLLER = join(DIST, 'controller', 'bin.js');
