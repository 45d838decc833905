/** pre-commit and check-jsonschema, which PyPI has, in a folder of their own. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheHome } from '../../build/pinned.ts';
import { PACKAGE } from '../support/package.ts';
import { run, type Ran } from '../support/run.ts';

const REQUIREMENTS = join(PACKAGE, 'test', 'ci', 'python', 'requirements.txt');
const DIGEST = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
const HOME = join(cacheHome(), 'sealed-secrets', 'python-tools', DIGEST);

/** Exists once everything is installed. */
const DONE = join(HOME, '.installed');

/** The folder of the programs. */
export const PYTHON_TOOLS = join(HOME, 'bin');

/** Why tests cannot use the tools here; false if they can. */
export const noPythonTools: string | false = !existsSync(DONE) && 'Python 3.11 with venv is not installed';

/**
 * Installs the tools at the versions that `requirements.txt` pins by checksum, unless they are installed. Returns whether
 * they are: false if the machine has no Python for it.
 *
 * @throws Error if the installation fails
 */
export async function installPythonTools(say: (line: string) => void): Promise<boolean> {
  if (existsSync(DONE)) return true;
  const python = await findPython();
  if (python === undefined) return false;
  say(`installing pre-commit and check-jsonschema, once, for ${HOME}`);
  mustSucceed(await run(python, ['-m', 'venv', HOME]));
  const pip = ['install', '--quiet', '--require-hashes', '--no-deps', '--requirement', REQUIREMENTS];
  mustSucceed(await run(join(PYTHON_TOOLS, 'pip'), pip));
  writeFileSync(DONE, '');
  return true;
}

async function findPython(): Promise<string | undefined> {
  for (const python of ['python3', '/usr/bin/python3']) {
    const check = 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))';
    const found = await run(python, ['-c', check]).catch(() => undefined);
    if (found?.code === 0) return python;
  }
  return undefined;
}

function mustSucceed({ code, stderr }: Ran): void {
  if (code !== 0) throw new Error(stderr);
}
