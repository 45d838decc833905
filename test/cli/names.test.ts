import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, suite, test } from 'node:test';
import { kubeseal } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { FakeController } from './fake-controller.ts';
import { itemsOf } from './opened.ts';

const folder = temporaryFolder();
const cert = folder.write('cert.pem', certificatePem('c2048'));
const key = folder.write('key.pem', keyPem('c2048'));
const controller = new FakeController();
before(() => controller.reset());
const recovery = ['--recovery-unseal', '--recovery-private-key', key];

function secret(name: string, namespace = 'prod', item = 'password'): string {
  return JSON.stringify({ kind: 'Secret', metadata: { name, namespace }, stringData: { [item]: 'hunter2' } });
}

const WHY = 'the API server rejects such a name, and the values unseal only under exactly this name';

suite('a name that only the API server refuses', () => {
  for (const name of ['testSecret', '{{ .Release.Name }}-db', '${APP}-db', 'db_1', 'x'.repeat(254)]) {
    const line = `warning: <stdin>: metadata.name: "${name}": ${WHY}\n`;

    test(`is sealed and recovered with one warning: ${name.slice(0, 30)}`, async () => {
      const sealed = await kubeseal(['--cert', cert], { stdin: secret(name) });
      assert.deepEqual([sealed.code, sealed.stderr], [0, line]);
      assert.deepEqual(await itemsOf(sealed.stdout), [{ password: 'hunter2' }]);
      const recovered = await kubeseal(recovery, { stdin: sealed.stdout });
      assert.deepEqual([recovered.code, recovered.stderr], [0, line]);
      assert.match(recovered.stdout, /"password": "aHVudGVyMg=="/);
      // The label is made of the whole text.
      const moved = await kubeseal(recovery, { stdin: sealed.stdout.replaceAll(name, `${name}x`) });
      assert.match(moved.stderr, /no key could decrypt secret/);
    });
  }

  test('may be a namespace, and is warned of in one line with the others', async () => {
    const stdin = secret('{{ .Name }}', '{{ .Namespace }}') + secret('DB');
    const { code, stderr, stdout } = await kubeseal(['--cert', cert], { stdin });
    assert.equal(stderr, `warning: <stdin>: document 1: metadata.name: "{{ .Name }}" and 2 more: ${WHY}\n`);
    assert.equal(code, 0);
    assert.equal((await itemsOf(stdout)).length, 2);
  });

  test('is taken by --raw', async () => {
    const args = ['--raw', '--cert', cert, '--name', '${APP}', '-n', 'prod'];
    const { code, stderr } = await kubeseal(args, { stdin: 'x' });
    assert.deepEqual([code, stderr], [0, `warning: the flags: metadata.name: "\${APP}": ${WHY}\n`]);
  });

  test('is taken by --merge-into and --re-encrypt', async () => {
    const { stdout } = await kubeseal(['--cert', cert, '-o', 'yaml'], { stdin: secret('{{ .Name }}') });
    const file = folder.write('sealed.yaml', stdout);
    const more = secret('{{ .Name }}', 'prod', 'user');
    const merged = await kubeseal(['--cert', cert, '--merge-into', file], { stdin: more });
    const line = `warning: ${file}: metadata.name: "{{ .Name }}": ${WHY}\n`;
    assert.deepEqual([merged.code, merged.stderr], [0, line]);
    assert.deepEqual(await itemsOf(readFileSync(file)), [{ password: 'hunter2', user: 'hunter2' }]);
    const args = ['--re-encrypt', '--recovery-private-key', key, '--cert', cert, '-f', file];
    const encrypted = await kubeseal(args);
    assert.deepEqual([encrypted.code, encrypted.stderr], [0, line]);
  });

  test('is taken by --validate', async () => {
    const env = { KUBECONFIG: folder.write('kubeconfig', controller.kubeconfig) };
    const { stdout } = await kubeseal(['--cert', cert], { stdin: secret('testSecret') });
    const { code, stderr } = await kubeseal(['--validate'], { stdin: stdout, env });
    assert.deepEqual([code, stderr], [0, `warning: <stdin>: metadata.name: "testSecret": ${WHY}\n`]);
    assert.equal(controller.sent.length, 1);
  });

  test('is refused if its label could be that of another name and namespace', async () => {
    for (const stdin of [secret('a/b'), secret('b', 'prod/a'), secret('{{ a/b }}'), secret('a\u0000')]) {
      const { code, stdout, stderr } = await kubeseal(['--cert', cert], { stdin });
      assert.match(stderr, /^error: <stdin>: metadata\.name(space)?: ".*" is not a valid name: [^\n]*\n$/);
      assert.deepEqual([code, stdout], [1, '']);
    }
  });

  test('is quoted for the shell in the flag that confirms it', async () => {
    const { stdout } = await kubeseal(['--cert', cert, '-o', 'yaml'], { stdin: secret("{{ .Name }}'s") });
    const file = folder.write('other.yaml', stdout);
    const { code, stderr } = await kubeseal(['--cert', cert, '--merge-into', file], { stdin: secret('db') });
    assert.match(stderr, /confirm with --name '\{\{ \.Name \}\}'\\''s'\n$/);
    assert.equal(code, 1);
  });
});

suite('an item name that no Secret can have', () => {
  for (const item of ['my key', 'a/b', '..', 'ä']) {
    test(`is sealed with a warning: ${item}`, async () => {
      const { code, stdout, stderr } = await kubeseal(['--cert', cert], {
        stdin: secret('db', 'prod', item),
      });
      const line = `warning: <stdin>: invalid item name ${item}: only letters, digits, "-", "_" and "." are allowed\n`;
      assert.deepEqual([code, stderr], [0, line]);
      const recovered = await kubeseal(recovery, { stdin: stdout });
      assert.deepEqual([recovered.code, recovered.stderr], [0, line]);
    });
  }

  test('is shown up to its colon: what follows may be a value', async () => {
    const { code, stderr } = await kubeseal(['--cert', cert], {
      stdin: secret('db', 'prod', 'password:hunter2-canary'),
    });
    assert.equal(code, 0);
    assert.match(stderr, /invalid item name password:…: only letters/);
    assert.doesNotMatch(stderr, /canary/);
  });
});
