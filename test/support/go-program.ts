import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PACKAGE } from './package.ts';

/** A program in Go that tests ask, and how to build it with the Go of this machine. */
export interface GoProgram {
  /** The path of the program once it is built. */
  readonly path: string;
  /** Builds the program. Rejects when there is no Go, or its modules cannot be had. */
  readonly build: () => Promise<void>;
}

/**
 * Returns the program whose source is in a folder.
 *
 * @param source the folder, below `test`
 * @param binary the name of the program, below `dist/test`
 */
export function goProgram(source: string, binary: string): GoProgram {
  const path = join(PACKAGE, 'dist', 'test', binary);
  return {
    path,
    async build() {
      const env = { ...process.env, CGO_ENABLED: '0' };
      await promisify(execFile)('go', ['build', '-o', path, '.'], {
        cwd: join(PACKAGE, 'test', source),
        env,
      });
    },
  };
}
