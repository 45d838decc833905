import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { suite, test } from 'node:test';
import { kubesealOnPath } from '../../ci/local-release.ts';
import { CONFIG_MAP, PLAIN, workspaceWith } from '../../ci/workspace.ts';
import { commandsUnder } from '../../support/guide.ts';
import { PACKAGE } from '../../support/package.ts';
import { run, type Ran } from '../../support/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { yamlUnder } from '../../support/yaml-blocks.ts';

const PAGE = 'docs/lint/README.md';
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

  test('shows a finding as kubeseal prints it', async () => {
    const secret = [
      'apiVersion: v1',
      'kind: Secret',
      'metadata:',
      '  name: db',
      '  namespace: shop',
      'stringData:',
      '  password: hunter2',
      '',
    ].join('\n');
    const { stdout } = await follow(CHECK, { 'db.yaml': secret });
    const page = readFileSync(join(PACKAGE, PAGE), 'utf8');
    assert.ok(page.includes(`\n\`\`\`text\n${stdout}\`\`\`\n`), stdout);
  });

  test('has a comment that ignores a finding', async () => {
    const [ignored = ''] = yamlUnder(PAGE, 'Ignore a finding');
    assert.equal((await follow(CHECK, { 'db.yaml': ignored })).stdout, '');
    const ran = await follow(CHECK, { 'db.yaml': ignored.replace(/^#.*\n/, '') });
    assert.match(ran.stdout, /^db\.yaml:\d+:\d+: error S001 /m);
  });

  test('has settings that lint accepts and follows', async () => {
    const [settings = ''] = yamlUnder(PAGE, 'Settings');
    const config = settings.replace('S004: off', 'S001: off');
    const files = { 'db.yaml': PLAIN, 'charts/shop/templates/db.yaml': PLAIN };
    const found = async (text: string): Promise<readonly string[]> => {
      const { stdout } = await follow(CHECK, { ...files, '.kubeseal.yaml': text });
      return [...stdout.matchAll(/^(\S+?):\d+:\d+: /gm)].map(([, file = '']) => file);
    };
    assert.deepEqual(await found(settings), ['db.yaml']);
    assert.deepEqual(await found(config), []);
  });
});
