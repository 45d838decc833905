import { join } from 'node:path';
import { DIST, PACKAGE } from '../../build/package.ts';

export { PACKAGE };

/** What `package.json#bin` names. */
export const CONTROLLER = join(DIST, 'controller', 'bin.js');
