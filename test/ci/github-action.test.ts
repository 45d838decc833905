import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { dump } from 'js-yaml';
import { packageVersion } from '../../build/package.ts';
import { at } from '../control-plane/admin-client.ts';
import { findBinaries } from '../control-plane/binaries.ts';
import { run } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { ACTION, readAction, runAction, type ActionResult } from './action-runner.ts';
import { ARCHIVE, programsOnly, writeProgram, writeRelease } from './local-release.ts';
import { noPythonTools, PYTHON_TOOLS } from './python-tools.ts';
import { CONFIG_MAP, PASSWORD, PLAIN, workspaceWith } from './workspace.ts';

/** What a runner has besides gh. */
const PROGRAMS = [
  ...['bash', 'sh', 'curl', 'uname', 'mktemp', 'grep', 'sha256sum', 'tar', 'gzip', 'mkdir', 'dirname', 'env'],
];

const folder = temporaryFolder();
let bin = '';

function act(
  inputs: Readonly<Record<string, string>>,
  { workspace = workspaceWith(folder.path, { 'web.yaml': CONFIG_MAP }), path = bin } = {},
): Promise<ActionResult> {
  const temporary = mkdtempSync(join(folder.path, 'runner-'));
  return runAction({ inputs, workspace, temporary, path });
}

before(async () => {
  bin = await programsOnly(join(folder.path, 'bin'), PROGRAMS);
});

suite('the GitHub Action', () => {
  test('is valid by the published schema', { skip: noPythonTools }, async () => {
    const checker = join(PYTHON_TOOLS, 'check-jsonschema');
    const args = ['--builtin-schema', 'vendor.github-actions', join(ACTION, 'action.yml')];
    const ran = await run(checker, args);
    assert.equal(ran.code, 0, ran.stdout);
  });

  test('is valid for actionlint, as a workflow with its inputs and steps', async () => {
    const actionlint = (await findBinaries(['actionlint'], () => undefined)).get('actionlint') ?? '';
    const action = readAction();
    const inputs = Object.keys(Object(at(action, 'inputs')) as object);
    const workflow = dump({
      on: {
        workflow_call: { inputs: Object.fromEntries(inputs.map((name) => [name, { type: 'string' }])) },
      },
      jobs: { lint: { 'runs-on': 'ubuntu-24.04', steps: at(action, 'runs', 'steps') } },
    });
    const args = ['-no-color', '-shellcheck=', '-pyflakes=', '-'];
    const ran = await run(actionlint, args, { stdin: workflow });
    assert.equal(ran.code, 0, ran.stdout);
  });

  test('installs the version of this package, and pins another action by its whole commit', () => {
    const action = readAction();
    assert.equal(at(action, 'inputs', 'version', 'default'), packageVersion());
    const used = readFileSync(join(ACTION, 'action.yml'), 'utf8').matchAll(/uses: (\S+)/g);
    for (const [, name = ''] of used) assert.match(name, /@[0-9a-f]{40}$/);
  });
});

suite('the installation by the GitHub Action', () => {
  const install = (url: string, inputs = {}, path = bin): Promise<ActionResult> =>
    act({ url, attestation: 'false', ...inputs }, { path });

  test('fails if the archive does not have the checksum of the release', async () => {
    const wrong = (digest: string): string => `${digest.replaceAll(/[0-7]/g, '8')}  ${ARCHIVE}\n`;
    const { url } = writeRelease(join(folder.path, 'wrong'), wrong);
    const ran = await install(url);
    assert.equal(ran.code, 1);
    assert.match(ran.stdout, /::error title=kubeseal lint::\S+ does not have the checksum in/);
    assert.deepEqual(ran.steps, ['Install kubeseal']);
  });

  for (const [what, checksums] of [
    ['none', () => ''],
    ['one of another archive only', (digest: string) => `${digest}  x${ARCHIVE}\n`],
    ['two', (digest: string) => `${digest}  ${ARCHIVE}\n`.repeat(2)],
  ] as const) {
    test(`fails if the release has a wrong number of checksums of the archive: ${what}`, async () => {
      const ran = await install(writeRelease(mkdtempSync(join(folder.path, 'sums-')), checksums).url);
      assert.equal(ran.code, 1);
      assert.match(ran.stdout, /has no checksum of/);
    });
  }

  test('fails with the name of a file that cannot be downloaded', async () => {
    const ran = await install(`file://${folder.path}/nowhere`);
    assert.equal(ran.code, 1);
    assert.match(ran.stdout, /::error title=kubeseal lint::kubeseal-\S+ could not be downloaded from file:/);
  });

  for (const version of ['0.1', '0.1.0/../..', 'v0.1.0$(id)', 'latest']) {
    test(`refuses a version that is none: ${version}`, async () => {
      const ran = await install(writeRelease(join(folder.path, 'release')).url, { version });
      assert.equal(ran.code, 1);
      assert.match(ran.stdout, /is not a version of a release/);
    });
  }

  test('fails without gh, unless the verification of the provenance is turned off', async () => {
    const { url } = writeRelease(join(folder.path, 'release'));
    const ran = await act({ url });
    assert.equal(ran.code, 1);
    assert.match(ran.stdout, /::error title=kubeseal lint::gh is not installed.*attestation: false/);
    assert.equal((await install(url)).steps.at(-1), 'Check');
  });

  for (const verified of [true, false]) {
    test(`${verified ? 'goes on if gh verifies' : 'fails if gh does not verify'} the provenance`, async () => {
      const { url } = writeRelease(join(folder.path, 'release'));
      const path = await programsOnly(mkdtempSync(join(folder.path, 'gh-')), PROGRAMS);
      const asked = join(path, 'asked');
      writeProgram(path, 'gh', `echo "$GH_TOKEN" "$@" > ${asked}; exit ${verified ? 0 : 1}`);
      const ran = await act({ url }, { path });
      assert.equal(ran.steps.at(-1), verified ? 'Check' : 'Install kubeseal');
      assert.equal(
        readFileSync(asked, 'utf8'),
        `a-token attestation verify ${ARCHIVE} --repo platform/sealed-secrets ` +
          `--source-ref refs/tags/v${packageVersion()} ` +
          '--signer-workflow platform/sealed-secrets/.github/workflows/release.yml --deny-self-hosted-runners\n',
      );
      if (!verified) assert.match(ran.stdout, /::error .*::The provenance of \S+ could not be verified/);
    });
  }
});

suite('the check by the GitHub Action', () => {
  const check = (inputs: Readonly<Record<string, string>>, workspace: string): Promise<ActionResult> =>
    act(
      { url: writeRelease(join(folder.path, 'release')).url, attestation: 'false', ...inputs },
      { workspace },
    );

  test('passes a workspace in order', async () => {
    const ran = await check({}, workspaceWith(folder.path, { 'web.yaml': CONFIG_MAP }));
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(ran.steps, ['Install kubeseal', 'Check']);
  });

  test('fails with an annotation at the Secret, and without its value', async () => {
    const ran = await check({}, workspaceWith(folder.path, { 'shop/db.yaml': PLAIN }));
    assert.equal(ran.code, 1, ran.stderr);
    assert.match(ran.stdout, /^::error file=shop\/db\.yaml,line=\d+/m);
    assert.doesNotMatch(ran.stdout + ran.stderr, new RegExp(PASSWORD));
  });

  test('checks the paths below the folder alone, whatever their names are', async () => {
    const workspace = workspaceWith(folder.path, {
      'db.yaml': PLAIN,
      'a b/$(id)/-w': CONFIG_MAP,
      'a b/db.yaml': PLAIN,
    });
    const inputs = { 'working-directory': 'a b', paths: '$(id)\n\n' };
    assert.equal((await check(inputs, workspace)).code, 0);
    const ran = await check({ ...inputs, paths: '$(id)\ndb.yaml', format: 'text' }, workspace);
    assert.equal(ran.code, 1, ran.stderr);
    assert.match(ran.stdout, /^a b\/db\.yaml:\d+:\d+: error S001 /m);
  });

  test('checks the folder without a path, and the workspace without a folder', async () => {
    const workspace = workspaceWith(folder.path, { 'a/web.yaml': CONFIG_MAP, 'db.yaml': PLAIN });
    assert.equal((await check({ 'working-directory': 'a', paths: '' }, workspace)).code, 0);
    const ran = await check({ 'working-directory': '', paths: 'db.yaml' }, workspace);
    assert.match(ran.stdout, /^::error file=db\.yaml,line=\d+/m);
  });

  test('hands a report to code scanning before it fails', async () => {
    const ran = await check({ sarif: 'true' }, workspaceWith(folder.path, { 'db.yaml': PLAIN }));
    assert.equal(ran.code, 1, ran.stderr);
    assert.deepEqual(ran.steps.slice(1), ['Write a report for code scanning', 'Upload the report', 'Check']);
    const report: unknown = JSON.parse(readFileSync(ran.passed['sarif_file'] ?? '', 'utf8'));
    assert.equal(at(report, 'runs', 0, 'results', 0, 'ruleId'), 'S001');
  });
});
