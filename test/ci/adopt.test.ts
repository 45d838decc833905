import assert from 'node:assert/strict';
import { existsSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { dump, load } from 'js-yaml';
import { packageVersion } from '../../build/package.ts';
import { GITLAB_TEMPLATE, gitlabTemplate } from '../../build/release/gitlab.ts';
import { thisMachine } from '../../build/targets.ts';
import { at, stringAt } from '../control-plane/admin-client.ts';
import { findBinaries } from '../control-plane/binaries.ts';
import { PACKAGE } from '../support/package.ts';
import { run } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { yamlUnder } from '../support/yaml-blocks.ts';
import { runJob } from './gitlab-job.ts';
import { HOOKS, installedHooks } from './hook-environment.ts';
import { HookedRepository } from './hooked-repository.ts';
import { kubesealOnPath, writeRelease } from './local-release.ts';
import { noPythonTools } from './python-tools.ts';
import { CONFIG_MAP, PLAIN, workspaceWith } from './workspace.ts';

const PAGE = 'docs/lint/README.md';
const PLACE = 'https://github.com/OWNER/REPO';
const TAG = `v${packageVersion()}`;

const folder = temporaryFolder();

/** Fails unless a commit with a plain Secret is refused in a repository, and one without passes. */
async function refusesPlainSecrets(repository: HookedRepository): Promise<void> {
  const commit = 'git add . && git commit -q -m Change';
  repository.write({ 'web.yaml': CONFIG_MAP });
  await repository.follow(commit);
  repository.write({ 'db.yaml': PLAIN });
  const ran = await repository.run(commit);
  assert.notEqual(ran.code, 0);
  assert.match(ran.stdout + ran.stderr, /db\.yaml:\d+:\d+: error S001/);
}

suite('the lines to copy from the page about lint', () => {
  test('make pre-commit refuse a plain Secret', { skip: noPythonTools }, async () => {
    const [config = ''] = yamlUnder(PAGE, 'pre-commit');
    const here = config
      .replace(`${PLACE}\n`, `${HOOKS}\n`)
      .replace(`rev: ${TAG}\n`, `rev: ${installedHooks()}\n`);
    assert.equal(at(load(here), 'repos', 0, 'rev'), installedHooks());
    await refusesPlainSecrets(await HookedRepository.create(folder.path, {}, here));
  });

  test(
    'make pre-commit refuse a plain Secret by an installed kubeseal',
    { skip: noPythonTools },
    async () => {
      const [, config = ''] = yamlUnder(PAGE, 'pre-commit');
      const repository = await HookedRepository.create(folder.path, {}, config);
      repository.addToPath(kubesealOnPath(mkdtempSync(join(folder.path, 'bin-'))));
      await refusesPlainSecrets(repository);
    },
  );

  test('name an action that exists, at the version of this package', async () => {
    const [step = ''] = yamlUnder(PAGE, 'GitHub');
    const uses = stringAt(load(step), 0, 'uses');
    const [, path = '', tag] = /^OWNER\/REPO\/([^@]+)@(.+)$/.exec(uses) ?? [];
    assert.equal(tag, TAG);
    assert.ok(existsSync(join(PACKAGE, path, 'action.yml')), path);
    const actionlint = (await findBinaries(['actionlint'], () => undefined)).get('actionlint') ?? '';
    const job = { 'runs-on': 'ubuntu-24.04', steps: load(step) };
    const workflow = dump({ on: 'pull_request', permissions: { contents: 'read' }, jobs: { job } });
    const ran = await run(actionlint, ['-no-color', '-shellcheck=', '-'], { stdin: workflow });
    assert.equal(ran.code, 0, ran.stdout);
  });

  test('name a job for GitLab that the release has, and that refuses a plain Secret', async () => {
    const [include = ''] = yamlUnder(PAGE, 'GitLab');
    assert.equal(
      stringAt(load(include), 'include', 0, 'remote'),
      `${PLACE}/releases/download/${TAG}/${GITLAB_TEMPLATE}`,
    );
    const release = writeRelease(join(folder.path, 'release'));
    const download = { target: thisMachine(), url: '', sha256: release.digest };
    const workspace = workspaceWith(folder.path, { 'db.yaml': PLAIN });
    const ran = await runJob({
      template: gitlabTemplate(release.url, [download]),
      variables: {},
      workspace,
      path: process.env['PATH'] ?? '',
    });
    assert.equal(ran.code, 1, ran.stderr);
    assert.match(ran.stdout, /^db\.yaml:\d+:\d+: error S001 /m);
  });
});
