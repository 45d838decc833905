import assert from 'node:assert/strict';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { summaryOf } from '../../../cli/lint/formats/text.ts';
import { kubeseal } from '../../support/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { certificatePem } from '../../support/vectors.ts';

const folder = temporaryFolder();
const cwd = folder.path;
mkdirSync(join(cwd, 'clean'));
mkdirSync(join(cwd, 'broken'));
writeFileSync(join(cwd, 'clean', 'settings.yaml'), 'kind: ConfigMap\n');
writeFileSync(join(cwd, 'clean', 'notes.txt'), 'kind: Secret: not a manifest\n');
writeFileSync(join(cwd, 'broken', 'secret.yaml'), 'kind: Secret\n  a: b: c\n');

suite('kubeseal lint', () => {
  test('prints nothing but a summary where all is well, and exits with 0', async () => {
    assert.deepEqual(await kubeseal(['lint', 'clean'], { cwd }), {
      code: 0,
      stdout: '',
      stderr: 'no problems in 2 files\n',
    });
  });

  test('checks the working folder without a path', async () => {
    const ran = await kubeseal(['lint'], { cwd: join(cwd, 'clean') });
    assert.deepEqual([ran.code, ran.stderr], [0, 'no problems in 2 files\n']);
  });

  test('exits with 2 where a file that seems to hold a Secret does not parse', async () => {
    const ran = await kubeseal(['lint', 'broken', 'clean'], { cwd });
    assert.deepEqual([ran.code, ran.stdout], [2, '']);
    assert.match(
      ran.stderr,
      /^error: broken\/secret\.yaml: neither JSON nor YAML: .* it seems to hold a Secret, and was not checked: .*\n/,
    );
    assert.match(ran.stderr, /no problems in 3 files; 1 could not be checked\n$/);
  });

  test('passes over a named file of something else that shows a Secret, and checks one of YAML', async () => {
    const secret = 'kind: Secret\nstringData: {password: a-value-of-a-test}\n';
    const readme = folder.write('README.md', `# App\n\n\`\`\`yaml\n${secret}\`\`\`\n`);
    assert.equal((await kubeseal(['lint', readme], { cwd })).code, 0);
    const ran = await kubeseal(['lint', readme, folder.write('secret.yaml.bak', secret)], { cwd });
    assert.equal(ran.code, 1);
    assert.match(ran.stdout, /^\S+secret\.yaml\.bak:2:14: error S001 /);
  });

  test('exits with 2 where JSON has a comment before it, so that it reads as a text of YAML', async () => {
    const file = folder.write(
      'text.json',
      '// x\n{"kind":"Secret","stringData":{"p":"a-value-of-a-test"}}\n',
    );
    const ran = await kubeseal(['lint', file], { cwd });
    assert.deepEqual([ran.code, ran.stdout], [2, '']);
    assert.match(ran.stderr, /text\.json: a text, and no object; it seems to hold a Secret/);
  });

  test('exits with 2 where stdin is empty, as behind a pipe whose first command failed', async () => {
    const ran = await kubeseal(['lint', '-'], { cwd, stdin: '\n' });
    assert.deepEqual([ran.code, ran.stdout], [2, '']);
    assert.match(ran.stderr, /^error: <stdin> is empty, and nothing was checked/);
  });

  test('names a way out of a file that is too large', async () => {
    truncateSync(folder.write('zero.bin', ''), 300 * 1024 * 1024);
    const ran = await kubeseal(['lint', 'zero.bin'], { cwd });
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, /^error: zero\.bin is larger than 256 MiB; skip it with --exclude\n/);
    assert.equal((await kubeseal(['lint', 'zero.bin', '--exclude', '*.bin'], { cwd })).code, 0);
  });

  test('counts files with findings that are not among the checked ones, such as certificates', () => {
    const finding = { rule: 'S012', severity: 'error', message: '', advice: '', object: undefined } as const;
    const findings = ['a.pem', 'b.pem'].map((file) => ({ ...finding, file, line: 1, column: 1 }));
    const report = { findings, omitted: [], unchecked: [], files: 1 };
    assert.equal(summaryOf(report), '2 errors in 2 files');
    assert.equal(summaryOf({ ...report, files: 2 }), '2 errors in 2 of 2 files');
  });

  test('says in its help that --cert takes a file, and no URL', async () => {
    assert.match((await kubeseal(['lint', '--help'])).stdout, / --cert <file> /);
  });

  test('exits with 2 where a path does not exist', async () => {
    const ran = await kubeseal(['lint', 'nowhere'], { cwd });
    assert.deepEqual([ran.code, ran.stdout], [2, '']);
    assert.match(ran.stderr, /^error: open nowhere: no such file or directory\n/);
  });

  test('refuses a rule that does not exist, and names the nearest one', async () => {
    const ran = await kubeseal(['lint', '--only', 'S001,plaintex-secret'], { cwd });
    assert.deepEqual(
      [ran.code, ran.stderr],
      [2, 'error: --only: there is no rule "plaintex-secret" (Did you mean plaintext-secret?)\n'],
    );
  });
});

test('a finding about the key of another cluster names the flag that gave the certificate', async () => {
  const cert = folder.write('cert.pem', certificatePem('c2048'));
  const other = folder.write('other.pem', certificatePem('a4096'));
  const secret = 'kind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: canary-p}\n';
  const sealed = await kubeseal(['--cert', other, '-o', 'yaml'], { cwd, stdin: secret });
  const ran = await kubeseal(['lint', '-', '--cert', cert], { cwd, stdin: sealed.stdout });
  assert.equal(ran.code, 1);
  assert.match(ran.stdout, /^<stdin>:\d+:\d+: warning S003 .* the cluster "--cert" /);
});

test('a finding in what has neither kind nor name does not begin with an empty title', async () => {
  const stdin = 'objects:\n- kind: Secret\n  stringData: {password: a-value-of-a-test}\n';
  const ran = await kubeseal(['lint', '-'], { cwd, stdin });
  assert.equal(ran.code, 1);
  assert.match(ran.stdout, /^<stdin>:3:16: error S001 plaintext-secret: plain text /);
});

test('findings that are not listed count for the exit code, and those that --fix mends are all mended', async () => {
  const notes = 'kind: Secret\nstringData: {a: "${VALUE}"}\n---\n'.repeat(1000);
  const stdin = `${notes}kind: Secret\nstringData: {a: a-value-of-a-test}\n`;
  const ran = await kubeseal(['lint', '-'], { cwd, stdin });
  assert.deepEqual([ran.code, ran.stderr], [1, '1 error, 1000 notes in 1 of 1 file\n']);
  assert.match(ran.stdout, /\n<stdin>: not listed: 1 error\n$/);

  const sealed =
    'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, creationTimestamp: null}\nspec:\n' +
    '  encryptedData: {a: AAEBAAAAAAAAAAAAAAAAAAAAAAAA}\n---\n';
  folder.write('many.yaml', sealed.repeat(1010));
  const mended = await kubeseal(['lint', '--fix', 'many.yaml'], { cwd });
  assert.deepEqual([mended.code, mended.stdout], [0, '']);
  assert.match(mended.stderr, /\nmended many\.yaml: 10 more\nno problems in 1 file\n$/);
});
