import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { kubeseal } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';
import { inProcess } from './in-process.ts';

const folder = temporaryFolder();
const pem = certificatePem('c2048');
const cert = folder.write('cert.pem', pem);
const certificate = parseCertificate(pem, 'c2048');
const REF = { name: 'db', namespace: 'prod' };

function secret(type: string, stringData: object): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: REF, type, stringData });
}

suite('a Secret that the API server would refuse', () => {
  test('is sealed with a warning', async () => {
    const input = secret('kubernetes.io/dockerconfigjson', { username: 'bob' });
    const ran = await kubeseal(['--cert', cert], { stdin: input });
    assert.equal(ran.code, 0);
    assert.match(ran.stdout, /"kind": "SealedSecret"/);
    assert.equal(
      ran.stderr,
      'warning: <stdin>: a Secret of type kubernetes.io/dockerconfigjson needs the item .dockerconfigjson: ' +
        'the API server refuses it otherwise\n',
    );
  });

  test('is sealed without a warning if nothing is wrong', async () => {
    const ran = await kubeseal(['--cert', cert], {
      stdin: secret('kubernetes.io/basic-auth', { username: '' }),
    });
    assert.equal(ran.stderr, '');
    assert.equal(ran.code, 0);
  });

  test('quotes no value that is not JSON', async () => {
    const input = secret('kubernetes.io/dockercfg', { '.dockercfg': 'hunter2' });
    const ran = await kubeseal(['--cert', cert], { stdin: input });
    assert.match(ran.stderr, /needs a JSON object in the item \.dockercfg: /);
    assert.doesNotMatch(ran.stderr, /hunter2/);
  });

  test('is sealed with a warning of its size', async () => {
    const ran = await kubeseal(['--cert', cert], {
      stdin: secret('Opaque', { a: 'x'.repeat(1024 * 1024), b: 'y' }),
    });
    assert.equal(ran.code, 0);
    assert.match(
      ran.stderr,
      /^warning: <stdin>: the Secret would hold 1048577 bytes of data, more than .*\n$/,
    );
  });
});

suite('a merge into a SealedSecret', () => {
  async function warnings(
    template: object,
    sealed: Record<string, string>,
    input: object,
  ): Promise<string[]> {
    const file = folder.write(
      'file.json',
      JSON.stringify(sealedSecret(certificate, REF, sealed, { template })),
    );
    const added = folder.write('input.json', secret('Opaque', input));
    const output = await inProcess(['--cert', cert, '-f', added, '--merge-into', file]);
    assert.deepEqual(output.errors, []);
    return output.warnings
      .filter((note) => note.startsWith('warning:'))
      .map((note) => note.replace(/^.*file\.json: /, ''));
  }

  const type = 'kubernetes.io/tls';

  test('warns of a required item that is neither sealed, added nor made by a template', async () => {
    assert.deepEqual(await warnings({ type }, { a: '1' }, { 'tls.crt': '2' }), [
      'a Secret of type kubernetes.io/tls needs the item tls.key: the API server refuses it otherwise',
    ]);
  });

  test('counts items that are sealed, added and made by templates', async () => {
    assert.deepEqual(await warnings({ type }, { 'tls.key': '' }, { 'tls.crt': '2' }), []);
    assert.deepEqual(await warnings({ type, data: { 'tls.key': '' } }, { a: '1' }, { 'tls.crt': '2' }), []);
  });

  test('checks a value that is added, but none that was sealed before', async () => {
    const docker = { type: 'kubernetes.io/dockerconfigjson' };
    const item = '.dockerconfigjson';
    assert.deepEqual(await warnings(docker, { [item]: 'not JSON' }, { a: '1' }), []);
    assert.deepEqual(await warnings(docker, { [item]: '{}' }, { [item]: '7' }), [
      'a Secret of type kubernetes.io/dockerconfigjson needs a JSON object in the item .dockerconfigjson: ' +
        'the API server refuses it otherwise',
    ]);
  });
});
