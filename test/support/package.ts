import { join } from 'node:path';
import { DIST, PACKAGE } from '../../build/package.ts';

export { PACKAGE };

/** The flags of Node in the first line of the controller's file, for tests that run it as an argument of Node. */
export const CONTROLLER_FLAGS = ['--inspect-port=192.0.2.1:1024', '--max-semi-space-size=1'] as const;

/** The file of the controller, as in `package.json#bin`. */
export const CONTROLLER = join(DIST, 'controller', 'bin.js');
