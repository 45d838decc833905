import { NODE_ENTRY } from '../../build/package.ts';
import { binaryPath, thisMachine } from '../../build/targets.ts';

/** The two forms in which kubeseal ships: bundled for Node, and as a single file. */
export const PROGRAMS = ['bundle', 'binary'] as const;
export type Program = (typeof PROGRAMS)[number];

/** Names the program that the tests run; without it they run the bundle. */
export const PROGRAM_VARIABLE = 'TEST_PROGRAM';

/** The command and first arguments that start kubeseal. */
export const KUBESEAL: readonly [string, ...string[]] =
  process.env[PROGRAM_VARIABLE] === 'binary' ? [binaryPath(thisMachine())] : [process.execPath, NODE_ENTRY];
