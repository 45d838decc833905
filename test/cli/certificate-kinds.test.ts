import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { before, beforeEach, suite, test } from 'node:test';
import { makeApiServerKeys } from '../control-plane/certificates.ts';
import { EC_CERTIFICATE } from '../support/ec-certificate.ts';
import { certificateOf, DAY, rsa } from '../support/keys.ts';
import { kubeseal } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';
import { FakeServer, redirect, text } from './fake-api-server.ts';

const CANARY = 'hunter2-canary';
const PEM = certificatePem('c2048');
const SECRET = `metadata: {name: db, namespace: prod}\nstringData: {password: ${CANARY}}\n`;
const folder = temporaryFolder();

suite('kubeseal refuses, in one line, a certificate', () => {
  const cases: [string, string | Promise<string>, RegExp][] = [
    ['of an EC key', EC_CERTIFICATE, /^error: \S*cert\.pem holds a key of type ec, not RSA\n$/],
    [
      'of 1024 bits',
      certificateOf(rsa(1024)),
      /^error: \S* holds an RSA key of 1024 bits: at least 2048 are needed\n$/,
    ],
    [
      'that is not valid yet',
      certificateOf(rsa(), { notBefore: new Date(Date.now() + DAY) }),
      /^error: the certificate is not valid before 20\d\d-.*Z \(\S*cert\.pem\): check this machine's clock\n$/,
    ],
    [
      'that was valid until yesterday',
      certificateOf(rsa(), { notBefore: new Date(Date.now() - 9 * DAY), validity: 8 * DAY }),
      /^error: failed to encrypt using an expired certificate on \w+ \d+, 20\d\d \(\S*cert\.pem\)/,
    ],
    ['that is cut short', PEM.slice(0, 500), /^error: \S*cert\.pem holds no PEM certificate/],
    ['that is damaged', PEM.replace(/\n.{60}/, '\nAAAA'), /^error: \S*cert\.pem holds no PEM certificate/],
    [
      'behind one that has expired',
      certificatePem('expired') + PEM,
      /^error: failed to encrypt using an expired/,
    ],
    ['that is empty', '', /^error: \S*cert\.pem holds no PEM certificate/],
  ];
  for (const [what, pem, words] of cases) {
    test(what, async () => {
      const cert = folder.write('cert.pem', await pem);
      const output = `${folder.path}/sealed.yaml`;
      const { code, stdout, stderr } = await kubeseal(['--cert', cert, '-w', output], { stdin: SECRET });
      assert.match(stderr, words);
      assert.equal(stderr.split('\n').length, 2);
      assert.ok(!stderr.includes(CANARY));
      assert.deepEqual([code, stdout, existsSync(output)], [1, '', false]);
    });
  }

  test('but accepts several, and uses the first', async () => {
    const cert = folder.write(
      'cert.pem',
      `# ours\r\n${PEM.replaceAll('\n', '\r\n')}${certificatePem('expired')}`,
    );
    const { code, stderr } = await kubeseal(['--cert', cert], { stdin: SECRET });
    assert.deepEqual([code, stderr], [0, '']);
  });
});

suite('kubeseal --cert URL', async () => {
  const keys = await makeApiServerKeys();
  const plain = new FakeServer(CANARY);
  const secure = new FakeServer(CANARY, keys);
  const env = { NODE_EXTRA_CA_CERTS: folder.write('ca.pem', keys.caCertificate) };
  before(() => folder.write('local.pem', PEM));
  beforeEach(() => {
    for (const server of [plain, secure]) {
      server.forget();
      server.answers.set('/cert.pem', text(PEM));
    }
  });
  const OVER_HTTP =
    /^warning: the certificate was fetched over plain http .* fingerprint, SHA256:[\w+/]{43}, or pass it with --cert-fingerprint\n$/;

  test('accepts https without a warning, also after a redirect', async () => {
    secure.answers.set('/moved', redirect('/cert.pem'));
    for (const path of ['/cert.pem', '/moved']) {
      const { code, stderr } = await kubeseal(['--cert', secure.url + path], { stdin: SECRET, env });
      assert.deepEqual([code, stderr], [0, '']);
    }
  });

  test('warns if any redirect was plain http', async () => {
    plain.answers.set('/up', redirect(`${secure.url}/cert.pem`));
    secure.answers.set('/down', redirect(`${plain.url}/cert.pem`));
    for (const url of [`${plain.url}/cert.pem`, `${plain.url}/up`, `${secure.url}/down`]) {
      const { code, stderr } = await kubeseal(['--cert', url], { stdin: SECRET, env });
      assert.match(stderr, OVER_HTTP, url);
      assert.equal(code, 0);
    }
  });

  test('refuses a server that is not trusted', async () => {
    const { code, stdout, stderr } = await kubeseal(['--cert', `${secure.url}/cert.pem`], { stdin: SECRET });
    assert.match(stderr, /^error: cannot fetch certificate: https:.*: its TLS certificate is not trusted\n$/);
    assert.deepEqual([code, stdout], [1, '']);
  });

  test('refuses redirects without end, to a file, to data and to nowhere', async () => {
    const targets = [
      '/round',
      `file://${folder.path}/local.pem`,
      `data:text/plain,${encodeURIComponent(PEM)}`,
      'http://[',
    ];
    for (const target of targets) {
      plain.answers.set('/round', redirect(target));
      const { code, stdout, stderr } = await kubeseal(['--fetch-cert', '--cert', `${plain.url}/round`]);
      assert.match(stderr, /^error: cannot fetch certificate: http:\S*\/round: [^\n]*\n$/, target);
      assert.deepEqual([code, stdout], [1, '']);
    }
  });

  test('reports that nothing listens there', async () => {
    const { code, stdout, stderr } = await kubeseal([
      '--fetch-cert',
      '--cert',
      'http://127.0.0.1:1/cert.pem',
    ]);
    assert.equal(stderr.split('\n').length, 2);
    assert.match(stderr, /^error: cannot fetch certificate: http:\/\/127\.0\.0\.1:1\/cert\.pem: /);
    assert.deepEqual([code, stdout], [1, '']);
  });

  test('sends the name and password of the URL, and shows neither', async () => {
    const url = new URL(`${plain.url}/cert.pem`);
    url.username = 'me';
    url.password = CANARY;
    const { code, stderr } = await kubeseal(['--cert', url.href], { stdin: SECRET });
    assert.ok(!stderr.includes(CANARY));
    assert.match(stderr, OVER_HTTP);
    assert.equal(code, 0);
    const basic = `Basic ${Buffer.from(`me:${CANARY}`).toString('base64')}`;
    assert.deepEqual(plain.requests, [{ line: 'GET /cert.pem', authorization: basic }]);
  });

  test('accepts a password with a stray percent sign, and sends none to a redirect target', async () => {
    secure.answers.set('/away', redirect(`${plain.url}/cert.pem`));
    const away = secure.url.replace('//', '//me:100%25@') + '/away';
    const stray = plain.url.replace('//', '//me:100%@') + '/cert.pem';
    for (const [url, sent] of [
      [away, undefined],
      [stray, `Basic ${Buffer.from('me:100%').toString('base64')}`],
    ] as const) {
      plain.requests.length = 0;
      const { code, stderr } = await kubeseal(['--cert', url], { stdin: SECRET, env });
      assert.match(stderr, OVER_HTTP);
      assert.equal(code, 0);
      assert.deepEqual(plain.requests, [{ line: 'GET /cert.pem', authorization: sent }]);
    }
  });
});
