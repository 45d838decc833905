import { execFile } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { fetchBun } from './bun.ts';
import { NODE_ENTRY } from './package.ts';
import { binaryPath, thisMachine, type Target } from './targets.ts';

/**
 * A program compiled with Bun reads settings from the working directory and runs the code that they name. Nobody
 * expects that of kubeseal: in somebody else's repository, that is somebody else's code.
 */
const NOTHING_FROM_THE_FOLDER = ['bunfig', 'dotenv', 'tsconfig', 'package-json'].map(
  (what) => `--no-compile-autoload-${what}`,
);

/** Compiles the bundle for Node into one executable that needs no Node, and returns its path. */
export async function compileKubeseal(
  target: Target,
  say: (line: string) => void,
  path: string = binaryPath(target),
): Promise<string> {
  const bun = await fetchBun(thisMachine(), say);
  const runtime = await fetchBun(target, say);
  // Bun leaves files in its working directory, and a running program cannot be overwritten, only replaced.
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
        // Embeds parsed code, which saves a third of the start-up time.
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
