/**
 * Runs the tests: all of them, or with `--unit` those that need no control plane. Further arguments choose test
 * files by a part of their path.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { findBinaries } from './control-plane/binaries.ts';
import { enterOwnNetwork } from './control-plane/network.ts';
import { PACKAGE } from './support/package.ts';

/** Tests of these folders start a control plane. */
const NEEDS_CONTROL_PLANE = /^(control-plane|e2e)\//;

const unitOnly = process.argv.includes('--unit');
const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));

const tests = join(PACKAGE, 'dist', 'test');
const files = readdirSync(tests, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js') && !(unitOnly && NEEDS_CONTROL_PLANE.test(file)))
  .filter((file) => chosen.length === 0 || chosen.some((part) => file.includes(part)))
  .sort()
  .map((file) => relative(process.cwd(), join(tests, file)));

if (!unitOnly) {
  // What has to be built is fetched before the tests enter a network of their own, which has no way out.
  await findBinaries(['etcd', 'kube-apiserver', 'kubectl'], (line) => console.error(line));
}
const status = unitOnly ? null : await enterOwnNetwork();
process.exitCode = status ?? (await runTests());

function runTests(): Promise<number> {
  const runner = spawn(process.execPath, ['--test', '--test-reporter=spec', ...files], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    runner.on('error', reject).on('exit', (code) => resolve(code ?? 1));
  });
}
