import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { kubeseal } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { itemsOf } from './opened.ts';

const folder = temporaryFolder();
const cert = folder.write('cert.pem', certificatePem('c2048'));
const key = folder.write('key.pem', keyPem('c2048'));
const SECRET = 'metadata: {name: db, namespace: prod}\nstringData:\n';

suite('a key that is a number', () => {
  test('is its text, in every command', async () => {
    const sealed = await kubeseal(['--cert', cert, '-o', 'yaml'], {
      stdin: `${SECRET}  8080: a\n  1.5: b\n`,
    });
    assert.deepEqual([sealed.code, sealed.stderr], [0, '']);
    assert.deepEqual(await itemsOf(sealed.stdout), [{ '8080': 'a', '1.5': 'b' }]);
    // As a person may have written it.
    const bare = sealed.stdout.replace(/"8080":/g, '8080:').replace(/"1\.5":/g, '1.5:');
    assert.match(bare, /^ {4}8080: A/m);
    const file = folder.write('sealed.yaml', bare);
    const merged = await kubeseal(['--cert', cert, '--merge-into', file], {
      stdin: `${SECRET}  8080: c\n  443: d\n`,
    });
    assert.deepEqual([merged.code, merged.stderr], [0, '']);
    assert.deepEqual(await itemsOf(readFileSync(file)), [{ '443': 'd', '8080': 'c', '1.5': 'b' }]);
    const encrypted = await kubeseal([
      '--re-encrypt',
      '--recovery-private-key',
      key,
      '--cert',
      cert,
      '-f',
      file,
    ]);
    assert.deepEqual([encrypted.code, encrypted.stderr], [0, '']);
    assert.deepEqual(await itemsOf(readFileSync(file)), [{ '443': 'd', '8080': 'c', '1.5': 'b' }]);
  });

  for (const odd of ['0x10', '1e3', 'yes', 'null', '010']) {
    test(`is refused if it can be read in more than one way: ${odd}`, async () => {
      const ran = await kubeseal(['--cert', cert], { stdin: `${SECRET}  ${odd}: hunter2-canary\n` });
      assert.match(
        ran.stderr,
        /^error: <stdin>: [^\n]* a key is not a string: put it in quotes, at line 3, column 3\n$/,
      );
      assert.deepEqual([ran.code, ran.stdout], [1, '']);
    });
  }
});

suite('a bare value', () => {
  for (const value of ['0o644', '0X1F', '0B11', '-0o7', '+_1']) {
    test(`is refused if Kubernetes reads a number: ${value}`, async () => {
      const ran = await kubeseal(['--cert', cert], { stdin: `${SECRET}  a: ${value}\n` });
      const words = 'error: <stdin>: stringData.a is a number, not a string: put it in quotes\n';
      assert.deepEqual([ran.code, ran.stdout, ran.stderr], [1, '', words]);
    });
  }

  test('is sealed unchanged if Kubernetes reads a string', async () => {
    const address = '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2';
    const ran = await kubeseal(['--cert', cert], { stdin: `${SECRET}  a: ${address}\n` });
    assert.deepEqual([ran.code, ran.stderr], [0, '']);
    assert.deepEqual(await itemsOf(ran.stdout), [{ a: address }]);
  });
});
