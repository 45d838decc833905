import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { kubeseal } from '../../support/run.ts';
import { temporaryFolder } from '../../support/temporary.ts';

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

test('a finding in what has neither kind nor name does not begin with an empty title', async () => {
  const stdin = 'objects:\n- kind: Secret\n  stringData: {password: a-value-of-a-test}\n';
  const ran = await kubeseal(['lint', '-'], { cwd, stdin });
  assert.equal(ran.code, 1);
  assert.match(ran.stdout, /^<stdin>:3:16: error S001 plaintext-secret: plain text /);
});
