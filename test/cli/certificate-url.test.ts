import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { kubeseal } from '../support/run.ts';
import { certificateOf, rsa } from '../support/keys.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem } from '../support/vectors.ts';

const PEM = certificatePem('c2048');
const { fingerprint } = parseCertificate(PEM, 'c2048');
const SECRET = 'metadata: {name: db, namespace: prod}\nstringData: {password: hunter2}\n';
const folder = temporaryFolder();

const PAGES = new Map<string, (response: ServerResponse) => void>([
  ['/cert.pem', (response) => response.end(PEM)],
  ['/moved', (response) => response.writeHead(302, { location: '/cert.pem' }).end()],
  ['/to-a-file', (response) => response.writeHead(302, { location: `file://${folder.path}/cert.pem` }).end()],
  ['/round', (response) => response.writeHead(302, { location: '/round' }).end()],
  ['/html', (response) => response.end('<html>hunter2-canary</html>')],
  ['/large', (response) => response.end(Buffer.alloc(2 * 1024 * 1024, 'x'))],
]);

const server = createServer((request, response) => {
  const page = PAGES.get(request.url ?? '');
  if (page) page(response);
  else response.writeHead(404).end('hunter2-canary');
});
let url = '';
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => server.close());

suite('kubeseal --cert URL', () => {
  const warning = `warning: the certificate was fetched over plain http and could have been replaced on the way; verify its fingerprint, ${fingerprint}, or pass it with --cert-fingerprint\n`;

  for (const path of ['/cert.pem', '/moved']) {
    test(`seals with ${path}, and shows its fingerprint`, async () => {
      const { code, stdout, stderr } = await kubeseal(['--cert', url + path], { stdin: SECRET });
      assert.equal(stderr, warning);
      assert.match(stdout, /"kind": "SealedSecret"/);
      assert.equal(code, 0);
    });
  }

  const refusals: [string, RegExp][] = [
    [
      '/nosuch',
      /^error: cannot fetch certificate: http:\/\/127.0.0.1:\d+\/nosuch: the server answered 404\n$/,
    ],
    ['/html', /^error: the certificate from 127\.0\.0\.1:\d+ holds no PEM certificate .*\n$/],
    ['/large', /^error: cannot fetch certificate: .*\/large: the answer is larger than 1048576 bytes\n$/],
    ['/to-a-file', /^error: cannot fetch certificate: .*\/to-a-file: redirected to file:\n$/],
    ['/round', /^error: cannot fetch certificate: .*\/round: too many redirects\n$/],
  ];
  for (const [path, words] of refusals) {
    test(`refuses ${path}`, async () => {
      folder.write('cert.pem', PEM);
      const { code, stdout, stderr } = await kubeseal(['--cert', url + path], { stdin: SECRET });
      assert.match(stderr, words);
      assert.ok(!stderr.includes('hunter2-canary'));
      assert.deepEqual([code, stdout], [1, '']);
    });
  }

  test('reports a server without TLS', async () => {
    const { stderr } = await kubeseal(['--cert', `${url.replace('http:', 'https:')}/cert.pem`], {
      stdin: SECRET,
    });
    assert.match(
      stderr,
      /^error: cannot fetch certificate: https:\S+\/cert.pem: the server does not speak TLS\n$/,
    );
  });

  test('shows neither password nor query of the URL', async () => {
    const { stderr } = await kubeseal(
      ['--cert', url.replace('//', '//user:hunter2-canary@') + '/nosuch?token=hunter2-canary'],
      {
        stdin: SECRET,
      },
    );
    assert.match(stderr, /^error: cannot fetch certificate: /);
    assert.ok(!stderr.includes('hunter2-canary'));
  });
});

suite('kubeseal --fetch-cert', () => {
  test('copies the certificate of --cert, and nothing around it', async () => {
    const file = folder.write('around.pem', `# comment\n${PEM}# more\n`);
    const { stdout, stderr } = await kubeseal(['--fetch-cert', '--cert', file]);
    assert.equal(stderr, '');
    assert.equal(stdout, PEM);
    const copy = `${folder.path}/copy.pem`;
    await kubeseal(['--fetch-cert', '--cert', `file://${file}`, '-w', copy]);
    assert.equal(readFileSync(copy, 'utf8'), PEM);
  });

  test('prints an expired certificate with a warning', async () => {
    const file = folder.write('expired.pem', certificatePem('expired'));
    const { code, stdout, stderr } = await kubeseal(['--fetch-cert', '--cert', file]);
    assert.match(stderr, /^warning: failed to encrypt using an expired certificate on /);
    assert.equal(stdout, certificatePem('expired'));
    assert.equal(code, 0);
  });

  test('warns of an unusual exponent', async () => {
    const file = folder.write('three.pem', await certificateOf(rsa(2048, 3)));
    const { stderr } = await kubeseal(['--fetch-cert', '--cert', file]);
    assert.equal(stderr, "warning: the certificate's key has the unusual public exponent 3\n");
  });
});
