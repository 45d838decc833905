import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { load } from 'js-yaml';
import { packageVersion } from '../../build/package.ts';
import { at, listAt } from '../control-plane/admin-client.ts';
import { run, type Ran } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { runJob, TEMPLATE } from './gitlab-job.ts';
import { ARCHIVE, programsOnly, writeRelease, type LocalRelease } from './local-release.ts';
import { noPythonTools, PYTHON_TOOLS } from './python-tools.ts';
import { CONFIG_MAP, PASSWORD, PLAIN, workspaceWith } from './workspace.ts';

const REPORT = 'gl-code-quality-report.json';
/** The variable with the checksum for this processor. */
const CHECKSUM = `KUBESEAL_SHA256_${process.arch === 'x64' ? 'AMD64' : 'ARM64'}`;

const folder = temporaryFolder();
let bin = '';

/** Runs the job with a release, for a workspace with these files or for one in order. */
function lint(
  release: LocalRelease,
  variables: Readonly<Record<string, string>> = {},
  workspace = workspaceWith(folder.path, { 'web.yaml': CONFIG_MAP }),
): Promise<Ran> {
  return runJob({ variables: { KUBESEAL_URL: release.url, ...variables }, workspace, path: bin });
}

before(async () => {
  const programs = ['sh', 'curl', 'uname', 'mktemp', 'sed', 'sha256sum', 'tar', 'gzip'];
  bin = await programsOnly(join(folder.path, 'bin'), programs);
});

suite('the job for GitLab', () => {
  test('is valid by the published schema', { skip: noPythonTools }, async () => {
    const checker = join(PYTHON_TOOLS, 'check-jsonschema');
    const ran = await run(checker, ['--builtin-schema', 'vendor.gitlab-ci', TEMPLATE]);
    assert.equal(ran.code, 0, ran.stdout);
  });

  test('installs the version of this package', () => {
    const job = at(load(readFileSync(TEMPLATE, 'utf8')), 'kubeseal-lint');
    assert.equal(at(job, 'variables', 'KUBESEAL_VERSION'), packageVersion());
    assert.equal(at(job, 'artifacts', 'reports', 'codequality'), REPORT);
  });

  test('fails if the archive does not have the checksum of the template', async () => {
    const release = writeRelease(join(folder.path, 'release'));
    const ran = await lint(release, { [CHECKSUM]: '0'.repeat(64) });
    assert.notEqual(ran.code, 0);
    assert.match(ran.stdout, /kubeseal-\S+: FAILED/);
    assert.equal((await lint(release, { [CHECKSUM]: release.digest })).code, 0);
  });

  for (const [what, checksums] of [
    ['of another file', () => `${'0'.repeat(64)}  ${ARCHIVE}\n`],
    ['of no file', () => ''],
  ] as const) {
    test(`fails if the release has the checksum ${what}`, async () => {
      const ran = await lint(writeRelease(mkdtempSync(join(folder.path, 'sums-')), checksums));
      assert.notEqual(ran.code, 0);
      assert.doesNotMatch(ran.stdout, /: OK/);
    });
  }

  test('passes a project in order, with a report that has no findings', async () => {
    const workspace = workspaceWith(folder.path, { 'web.yaml': CONFIG_MAP });
    const ran = await lint(writeRelease(join(folder.path, 'release')), {}, workspace);
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(JSON.parse(readFileSync(join(workspace, REPORT), 'utf8')), []);
  });

  test('fails with a report and a log that name the Secret, and without its value', async () => {
    const workspace = workspaceWith(folder.path, { 'shop/db.yaml': PLAIN });
    const ran = await lint(writeRelease(join(folder.path, 'release')), {}, workspace);
    assert.equal(ran.code, 1, ran.stderr);
    assert.match(ran.stdout, /^shop\/db\.yaml:\d+:\d+: error S001 /m);
    const text = readFileSync(join(workspace, REPORT), 'utf8');
    const report: unknown = JSON.parse(text);
    assert.equal(at(report, 0, 'location', 'path'), 'shop/db.yaml');
    assert.doesNotMatch(ran.stdout + ran.stderr + text, new RegExp(PASSWORD));
  });

  test('checks the paths of its variable alone', async () => {
    const workspace = workspaceWith(folder.path, {
      'db.yaml': PLAIN,
      'a/w.yaml': CONFIG_MAP,
      'b/d.yaml': PLAIN,
    });
    const release = writeRelease(join(folder.path, 'release'));
    assert.equal((await lint(release, { KUBESEAL_LINT_PATHS: 'a' }, workspace)).code, 0);
    assert.equal((await lint(release, { KUBESEAL_LINT_PATHS: 'a b' }, workspace)).code, 1);
    assert.equal(listAt(JSON.parse(readFileSync(join(workspace, REPORT), 'utf8'))).length, 1);
  });
});
