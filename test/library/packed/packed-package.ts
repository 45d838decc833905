import assert from 'node:assert/strict';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PACKAGE } from '../../support/package.ts';
import { run } from '../../support/run.ts';

/**
 * Packs the package as `npm publish` does, and unpacks it into `node_modules` of a folder as npm does. Its dependencies
 * are not installed: only the programs need them, and the library is to work without. `npm run build` has made what is
 * packed.
 */
export async function installPackage(folder: string): Promise<void> {
  const options = ['--ignore-scripts', '--json', '--pack-destination', folder];
  const packed = await run('npm', ['pack', ...options], {
    cwd: PACKAGE,
    env: { ...process.env, HOME: folder },
  });
  assert.equal(packed.code, 0, packed.stderr);
  const [{ filename }] = JSON.parse(packed.stdout) as [{ readonly filename: string }];
  const installed = join(folder, 'node_modules', 'sealed-secrets');
  mkdirSync(installed, { recursive: true });
  const args = ['-xzf', join(folder, filename), '--strip-components=1', '-C', installed];
  const unpacked = await run('tar', args);
  assert.equal(unpacked.code, 0, unpacked.stderr);
}

/** Copies an example of the library into a folder, and gives it packages of the repository beside the packed one. */
export async function installExample(
  folder: string,
  name: string,
  packages: readonly string[] = [],
): Promise<void> {
  cpSync(join(PACKAGE, 'examples', 'library', name), folder, { recursive: true });
  await installPackage(folder);
  symlinkSync(join(PACKAGE, 'node_modules', '.bin'), join(folder, 'node_modules', '.bin'));
  for (const each of packages) {
    const link = join(folder, 'node_modules', each);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(PACKAGE, 'node_modules', each), link);
  }
}
