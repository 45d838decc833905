import { NODE_ENTRY } from '../../build/package.ts';
import { binaryPath, thisMachine } from '../../build/targets.ts';

/** The two forms in which kubeseal ships: a bundle for Node, and a single file. */
export const PROGRAMS = ['bundle', 'binary'] as const;
/** One of the forms of kubeseal. */
export type Program = (typeof PROGRAMS)[number];

/** The environment variable that names the program to test; the bundle by default. */
export const PROGRAM_VARIABLE = 'TEST_PROGRAM';

/** The command that starts kubeseal, with its first arguments. */
export const KUBESEAL: readonly [string, ...string[]] =
  process.env[PROGRAM_VARIABLE] === 'binary' ? [binaryPath(thisMachine())] : [process.execPath, NODE_ENTRY];
