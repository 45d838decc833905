import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { fillPage, type NamedCertificate } from '../../shared/web-page/fill.ts';
import { readTemplate } from '../../shared/web-page/template.ts';
import { certificateOf, DAY, rsa } from '../support/keys.ts';
import { kubeseal, type Ran } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';
import { FakeController } from './fake-controller.ts';

const folder = temporaryFolder();
const file = join(folder.path, 'seal.html');
const [PROD, STAGING] = [certificatePem('c2048'), certificatePem('a4096')];
const prod = folder.write('prod.pem', PROD);
const staging = folder.write('staging.pem', STAGING);
const fingerprints = [PROD, STAGING].map((pem) => parseCertificate(pem, '').fingerprint);
const controller = new FakeController();

/** The page that has these certificates inside, byte for byte. */
function pageWith(...certificates: readonly NamedCertificate[]): string {
  return fillPage(readTemplate(), { mode: 'offline', certificates });
}

function web(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  return kubeseal(['web', ...args], { env });
}

suite('kubeseal web', () => {
  before(() => controller.reset());

  test('writes the page with a certificate inside, and shows its fingerprint', async () => {
    const { code, stdout, stderr } = await web(['prod', '--cert', prod, '-w', file]);
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(
      stderr,
      /^\(seals for prod with SHA256:\S{43}, valid until \d{4}-\d\d-\d\d, from .*prod\.pem\)\n$/,
    );
    assert.ok(stderr.includes(fingerprints[0] ?? '-'));
    assert.equal(readFileSync(file, 'utf8'), pageWith({ name: 'prod', pem: PROD }));
  });

  test('writes a page that connects to nothing and stays below 120 KiB', async () => {
    await web(['prod', '--cert', prod, '-w', file]);
    const page = readFileSync(file, 'utf8');
    assert.match(page, /<html[^>]* data-mode="offline"/);
    assert.match(page, /content="default-src 'none';[^"]*; connect-src 'none';/);
    assert.ok(Buffer.byteLength(page) < 120 * 1024, `${Buffer.byteLength(page)} bytes`);
  });

  test('puts several certificates into one page, in their order', async () => {
    const args = [`staging=${staging}`, `team a/eu-1=${prod}`, '-w', file];
    const { code, stderr } = await web(args);
    assert.equal(code, 0);
    assert.deepEqual(stderr.match(/SHA256:\S{43}/g), [...fingerprints].reverse());
    const certificates = [
      { name: 'staging', pem: STAGING },
      { name: 'team a/eu-1', pem: PROD },
    ];
    assert.equal(readFileSync(file, 'utf8'), pageWith(...certificates));
  });

  test('fetches the certificate of the cluster, and calls it as its context', async () => {
    const env = { KUBECONFIG: folder.write('kubeconfig', controller.kubeconfig) };
    const { code, stderr } = await web(['-w', file], env);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /from the certificate of kube-system\/sealed-secrets-controller\)\n$/);
    assert.equal(readFileSync(file, 'utf8'), pageWith({ name: 'a', pem: PROD }));
    assert.equal((await web(['prod', `staging=${staging}`, '-w', file], env)).code, 0);
    const both = [
      { name: 'prod', pem: PROD },
      { name: 'staging', pem: STAGING },
    ];
    assert.equal(readFileSync(file, 'utf8'), pageWith(...both));
  });

  test('calls a certificate without a name as its file', async () => {
    assert.equal((await web(['--cert', staging, '-w', file])).code, 0);
    assert.equal(readFileSync(file, 'utf8'), pageWith({ name: 'staging', pem: STAGING }));
  });

  test('writes to stdout when that is not a terminal', async () => {
    for (const args of [[], ['-w', '-']]) {
      const { code, stdout } = await web(['prod', '--cert', prod, ...args]);
      assert.deepEqual([code, stdout], [0, pageWith({ name: 'prod', pem: PROD })]);
    }
  });

  test('takes a certificate with the fingerprint that is required, and refuses another', async () => {
    const pin = ['--cert-fingerprint', fingerprints[0] ?? ''];
    assert.equal((await web([`prod=${prod}`, ...pin, '-w', file])).code, 0);
    const other = join(folder.path, 'other.html');
    const { code, stderr } = await web([`prod=${staging}`, ...pin, '-w', other]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^error: \S*staging\.pem has the fingerprint SHA256:\S+, not SHA256:\S+ as --cert-fingerprint/,
    );
    assert.ok(!existsSync(other));
  });

  test('holds nothing of a file but its certificate', async () => {
    const mixed = folder.write('mixed.pem', `note-canary\n${PROD}note-canary\n`);
    assert.equal((await web([`prod=${mixed}`, '-w', file])).code, 0);
    assert.equal(readFileSync(file, 'utf8'), pageWith({ name: 'prod', pem: PROD }));
  });
});

suite('kubeseal web refuses', () => {
  const output = join(folder.path, 'refused.html');

  const certificates: [string, Promise<string> | string, RegExp][] = [
    [
      'an expired certificate',
      certificateOf(rsa(), { notBefore: new Date(Date.now() - 9 * DAY), validity: 8 * DAY }),
      /^error: failed to encrypt using an expired certificate/,
    ],
    [
      'a certificate that is not valid yet',
      certificateOf(rsa(), { notBefore: new Date(Date.now() + DAY) }),
      /^error: the certificate is not valid before/,
    ],
    ['a weak key', certificateOf(rsa(1024)), /^error: \S* holds an RSA key of 1024 bits: at least 2048/],
    [
      'a private key',
      rsa().export({ type: 'pkcs8', format: 'pem' }).toString(),
      /holds a private key, not a/,
    ],
  ];
  for (const [what, pem, words] of certificates) {
    test(`${what}, also as the second of two, and writes nothing`, async () => {
      const bad = folder.write('bad.pem', await pem);
      const { code, stdout, stderr } = await web([`prod=${prod}`, `bad=${bad}`, '-w', output]);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, words);
      assert.ok(!existsSync(output));
    });
  }

  const usage: [readonly string[], string][] = [
    [[`a=${prod}`, `a=${staging}`], 'web: there are two certificates of the name "a"'],
    [['a', 'b'], 'web: only one name can be without a certificate: write NAME=CERTFILE for the others'],
    [['a='], 'web: a file or URL is required behind "a="'],
    [['prod.pem'], 'web: put a name before the file of the certificate: NAME=prod.pem'],
    [
      ['<b>=x.pem'],
      'web: "<b>" is not a name for a cluster: use at most 63 letters, digits, spaces and . _ - : / @',
    ],
    [
      [`a=${prod}`, '--cert', staging],
      'web: --cert is the certificate of a NAME without a file, and there is none',
    ],
    [
      [`a=${prod}`, `b=${staging}`, '--cert-fingerprint', fingerprints[0] ?? ''],
      'web: --cert-fingerprint is about one certificate, and there are several',
    ],
  ];
  for (const [args, words] of usage) {
    test(`a command line: ${words}`, async () => {
      const { code, stdout, stderr } = await web([...args, '-w', output]);
      assert.deepEqual([code, stdout, stderr], [1, '', `error: ${words}\n`]);
      assert.ok(!existsSync(output));
    });
  }
});
