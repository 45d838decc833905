import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { commandsUnder } from '../support/guide.ts';
import { PACKAGE } from '../support/package.ts';
import { run } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';

const folder = temporaryFolder();

test('"npm install --global ." puts both programs on the path, as the README says', async () => {
  const [block = ''] = commandsUnder('README.md', 'kubeseal');
  const [install, build, globally = ''] = block.trim().split(' && ');
  // .ci/run runs the others, and has compiled this test with them.
  assert.deepEqual([install, build], ['npm ci', 'npm run build']);
  const env = { ...process.env, npm_config_prefix: folder.path, npm_config_offline: 'true' };
  const installed = await run('sh', ['-ec', globally], { cwd: PACKAGE, env });
  assert.equal(installed.code, 0, installed.stderr);
  for (const [program, name] of [
    ['kubeseal', 'kubeseal'],
    ['sealed-secrets-controller', 'controller'],
  ] as const) {
    const { stdout } = await run(join(folder.path, 'bin', program), ['--version'], { cwd: folder.path });
    assert.match(stdout, new RegExp(`^${name} version: \\d+\\.`));
  }
});
