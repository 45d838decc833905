/**
 * Builds kubeseal where npm packs this package without a build, as it does for what is installed from Git: pre-commit
 * installs its hooks so. npm also runs this script after `npm ci` in a checkout, where it does nothing.
 *
 * The compiler of TypeScript would take most of the time. The bundler needs none: here it bundles its own script first.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const PACKAGE = join(import.meta.dirname, '..');
const SCRIPT = join(PACKAGE, 'dist', 'prepare', 'node.mjs');

// npm names the archive only when it packs.
const packs = process.env.npm_package_resolved !== undefined;
if (packs && !existsSync(join(PACKAGE, 'dist', 'kubeseal', 'main.cjs'))) {
  if (!existsSync(join(PACKAGE, 'node_modules', 'rolldown'))) installTools();
  await bundleScript();
  await import(pathToFileURL(SCRIPT).href);
}

/** Installs the tools of the build. npm leaves them out when it installs the package globally, as pre-commit asks. */
function installTools() {
  const env = { ...process.env, npm_config_global: 'false' };
  const args = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status } = spawnSync('npm', args, { cwd: PACKAGE, stdio: 'inherit', shell: true, env });
  if (status !== 0) throw new Error('npm ci failed');
}

async function bundleScript() {
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({
    input: join(import.meta.dirname, 'node.ts'),
    platform: 'node',
    external: /^[^./]/,
  });
  await bundle.write({ file: SCRIPT, format: 'esm' });
  await bundle.close();
}
