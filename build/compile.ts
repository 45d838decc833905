import { execFile } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { fetchBun } from './bun.ts';
import { NODE_ENTRY } from './package.ts';
import { binaryPath, thisMachine, type Target } from './targets.ts';

/**
 * A program that Bun has compiled reads settings from the folder it is started in, and runs what they name. Nobody
 * expects that of kubeseal: in a repository of someone else's, that is someone else's code.
 */
const NOTHING_FROM_THE_FOLDER = ['bunfig', 'dotenv', 'tsconfig', 'package-json'].map(
  (what) => `--no-compile-autoload-${what}`,
);

/** Makes one file, which needs no Node, of the bundle for Node. Gives its path. */
export async function compileKubeseal(
  target: Target,
  say: (line: string) => void,
  path: string = binaryPath(target),
): Promise<string> {
  const bun = await fetchBun(thisMachine(), say);
  const runtime = await fetchBun(target, say);
  // Bun leaves files where it is started, and a program that runs cannot be overwritten, but replaced.
  const work = mkdtempSync(join(dirname(path), '.compile-'));
  const made = join(work, target.platform === 'win32' ? 'kubeseal.exe' : 'kubeseal');
  try {
    await promisify(execFile)(
      bun,
      [
        'build',
        NODE_ENTRY,
        '--compile',
        `--target=${target.bun}`,
        `--compile-executable-path=${runtime}`,
        ...NOTHING_FROM_THE_FOLDER,
        '--minify',
        // Code that is parsed already: a third of the start.
        '--bytecode',
        '--format=cjs',
        `--outfile=${made}`,
      ],
      { cwd: work },
    );
    renameSync(made, path);
    return path;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
