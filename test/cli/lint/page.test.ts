import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { suite, test } from 'node:test';
import { kubesealOnPath } from '../../ci/local-release.ts';
import { CONFIG_MAP, PLAIN, workspaceWith } from '../../ci/workspace.ts';
import { commandsUnder } from '../../support/guide.ts';
import { run, type Ran } from '../../support/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const [CHECK = ''] = commandsUnder('docs/lint/README.md', 'kubeseal lint');

const folder = temporaryFolder();
const path = [kubesealOnPath(mkdtempSync(join(folder.path, 'bin-'))), process.env['PATH']].join(delimiter);

/** Runs commands of the page in a folder with these files. */
function follow(script: string, files: Readonly<Record<string, string>>): Promise<Ran> {
  const cwd = workspaceWith(folder.path, files);
  return run('bash', ['--norc', '-euc', script], { cwd, env: { PATH: path, HOME: folder.path } });
}

suite('the page about lint', () => {
  test('has a command that finds a plain Secret in a folder below', async () => {
    const ran = await follow(CHECK, { 'a/b/db.yaml': PLAIN, 'web.yaml': CONFIG_MAP });
    assert.equal(ran.code, 1, ran.stderr);
    assert.match(ran.stdout, /^a\/b\/db\.yaml:\d+:\d+: error S001 /m);
    assert.equal((await follow(CHECK, { 'web.yaml': CONFIG_MAP })).code, 0);
  });
});
