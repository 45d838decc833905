import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { beforeEach, suite, test } from 'node:test';
import { obtainCertificate } from '../../cli/sealing/certificate.ts';
import { systemClock } from '../../shared/clock.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { makeApiServerKeys } from '../control-plane/certificates.ts';
import { kubeseal, type Ran } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { certificatePem, keyPem } from '../support/vectors.ts';
import { optionsFor } from './in-process.ts';
import { cut, FakeServer, json, text, type Answer } from './fake-api-server.ts';

const CANARY = 'hunter2-canary';
const PEM = certificatePem('c2048');
const SECRET = 'metadata: {name: db, namespace: prod}\nstringData: {password: hunter2}\n';
const folder = temporaryFolder();
const key = folder.write('key.pem', keyPem('c2048'));
const keys = await makeApiServerKeys();
const server = new FakeServer(CANARY, keys);
const plain = new FakeServer(CANARY);

const SERVICE = '/api/v1/namespaces/kube-system/services/sealed-secrets-controller';
const PROXY = '/api/v1/namespaces/kube-system/services/http:sealed-secrets-controller:web/proxy/v1/cert.pem';

function service(...ports: object[]): Answer {
  return json(200, { kind: 'Service', metadata: { name: 'x', namespace: 'y' }, spec: { ports } });
}

/** A kubeconfig of the server. */
function kubeconfig(url = server.url): string {
  const ca = Buffer.from(keys.caCertificate).toString('base64');
  const config = {
    'current-context': 'a',
    clusters: [{ name: 'c', cluster: { server: url, 'certificate-authority-data': ca } }],
    contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
    users: [{ name: 'u', user: { token: CANARY } }],
  };
  return folder.write('kubeconfig', JSON.stringify(config));
}

function fromCluster(args: readonly string[] = [], url = server.url): Promise<Ran> {
  return kubeseal(args, { stdin: SECRET, env: { KUBECONFIG: kubeconfig(url) } });
}

/** An API server in which all is well. */
beforeEach(() => {
  for (const each of [server, plain]) {
    each.forget();
    each.answers.set(SERVICE, service({ name: 'web', port: 8080 }, { name: 'metrics', port: 8081 }));
    each.answers.set(PROXY, text(PEM));
  }
});

suite('kubeseal without --cert', () => {
  test('asks the API server, by the name of the first port of the Service', async () => {
    const { code, stdout, stderr } = await fromCluster();
    assert.deepEqual([code, stderr], [0, '']);
    const lines = server.requests.map(({ line }) => line);
    assert.deepEqual(lines, [`GET ${SERVICE}`, `GET ${PROXY}`]);
    for (const { authorization } of server.requests) assert.equal(authorization, `Bearer ${CANARY}`);
    const recovered = await kubeseal(['--recovery-unseal', '--recovery-private-key', key], { stdin: stdout });
    assert.match(recovered.stdout, /"password": "aHVudGVyMg=="/);
  });

  test('waits for an answer no longer than --request-timeout', async () => {
    for (const path of [SERVICE, PROXY]) {
      server.answers.set(path, () => undefined);
      const { code, stdout, stderr } = await fromCluster(['--request-timeout=200ms']);
      assert.match(stderr.replace(NEITHER, ''), /^error: cannot [^\n]*: timed out\n$/);
      assert.deepEqual([code, stdout], [1, '']);
      server.answers.set(SERVICE, service({ name: 'web', port: 8080 }));
    }
  });

  test('asks for the controller that the flags name', async () => {
    const path = '/api/v1/namespaces/flux-system/services';
    server.answers.set(`${path}/sealed`, service({ port: 80 }));
    server.answers.set(`${path}/http:sealed:/proxy/v1/cert.pem`, text(PEM));
    const flags = ['--controller-name', 'sealed', '--controller-namespace=flux-system'];
    const { code, stdout, stderr } = await fromCluster(flags);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /"kind": "SealedSecret"/);
  });

  test('asks over plain http if the kubeconfig says so, as for kubectl proxy', async () => {
    const { code, stderr } = await fromCluster([], plain.url);
    assert.deepEqual([code, stderr], [0, '']);
  });

  test('is refused if its key is not the pinned one', async () => {
    const pinned = ['--cert-fingerprint', parseCertificate(PEM, 'cert').fingerprint];
    const { code, stderr } = await fromCluster(pinned);
    assert.deepEqual([code, stderr], [0, '']);
    server.answers.set(PROXY, text(certificatePem('a4096')));
    for (const args of [pinned, [...pinned, '--fetch-cert']]) {
      const refused = await fromCluster(args);
      assert.deepEqual([refused.code, refused.stdout], [1, '']);
      assert.match(refused.stderr, /^error: .*SHA256:.*\n$/);
    }
  });

  test('writes the certificate to stdout or to a file, and nothing around it', async () => {
    server.answers.set(PROXY, text(`\n# comment\n${PEM}${certificatePem('a4096')}`));
    const { code, stdout, stderr } = await fromCluster(['--fetch-cert']);
    assert.deepEqual([code, stdout, stderr], [0, PEM, '']);
    const file = `${folder.path}/fetched.pem`;
    const written = await fromCluster(['--fetch-cert', '-w', file]);
    assert.deepEqual([written.code, written.stdout, written.stderr], [0, '', '']);
    assert.equal(readFileSync(file, 'utf8'), PEM);
  });
});

const RECORD = '/api/v1/namespaces/kube-system/configmaps/sealed-secrets-keys';
const NEITHER =
  '; the key record kube-system/sealed-secrets-keys is not available either: there is no such ConfigMap';

/** The ConfigMap of a key record with these items. */
function record(data: object): Answer {
  const metadata = {
    name: 'sealed-secrets-keys',
    namespace: 'kube-system',
    uid: 'u',
    resourceVersion: '1',
  };
  return json(200, { kind: 'ConfigMap', apiVersion: 'v1', metadata, data });
}

suite('without a way to the controller, kubeseal takes the certificate of the key record', () => {
  const { fingerprint } = parseCertificate(PEM, 'cert');
  const failures: readonly [string, string, Answer][] = [
    ['the Service may not be read', SERVICE, text('', 403)],
    ['the proxy may not be used', PROXY, text('', 403)],
    ['the proxy finds nothing', PROXY, text('', 404)],
    ['the proxy does not reach the pod', PROXY, text('', 503)],
    ['the proxy waits for the pod too long', PROXY, text('', 504)],
    ['the proxy cuts the connection', PROXY, cut],
  ];
  for (const [when, path, answer] of failures) {
    test(`when ${when}, and says so in one line`, async () => {
      server.answers.set(path, answer);
      server.answers.set(RECORD, record({ 'cert.pem': PEM }));
      const { code, stdout, stderr } = await fromCluster(['--fetch-cert']);
      assert.deepEqual([code, stdout], [0, PEM]);
      assert.match(stderr, /^note: cannot [^\n]+\n$/);
      const used = `; using the certificate ${fingerprint} of the key record kube-system/sealed-secrets-keys\n`;
      assert.ok(stderr.endsWith(used), stderr);
    });
  }

  test('to seal, unless it is not the pinned one', async () => {
    server.answers.set(PROXY, text('', 503));
    server.answers.set(RECORD, record({ 'cert.pem': PEM }));
    const { code, stdout } = await fromCluster(['--cert-fingerprint', fingerprint]);
    assert.equal(code, 0);
    const recovered = await kubeseal(['--recovery-unseal', '--recovery-private-key', key], { stdin: stdout });
    assert.match(recovered.stdout, /"password": "aHVudGVyMg=="/);
    server.answers.set(RECORD, record({ 'cert.pem': certificatePem('a4096') }));
    const refused = await fromCluster(['--cert-fingerprint', fingerprint]);
    assert.deepEqual([refused.code, refused.stdout], [1, '']);
    assert.match(
      refused.stderr,
      /error: the key record kube-system\/sealed-secrets-keys has the fingerprint /,
    );
  });

  test('but not with --cert, a Service that is not there, a login that fails, or an API server that cannot be reached', async () => {
    server.answers.set(RECORD, record({ 'cert.pem': PEM }));
    const isAsked = (): boolean => server.requests.some(({ line }) => line.includes('configmaps'));
    const cert = folder.write('cert.pem', PEM);
    assert.equal((await fromCluster(['--cert', cert])).code, 0);
    for (const code of [401, 404]) {
      server.answers.set(SERVICE, text('', code));
      assert.equal((await fromCluster()).code, 1);
    }
    server.answers.set(SERVICE, cut);
    assert.equal((await fromCluster()).code, 1);
    assert.ok(!isAsked());
  });

  for (const [what, data, reason] of [
    ['no certificate', {}, /it has no certificate$/],
    ['no usable one', { 'cert.pem': CANARY }, /cert\.pem holds no PEM certificate/],
  ] as const) {
    test(`but not one with ${what}`, async () => {
      server.answers.set(PROXY, text('', 503));
      server.answers.set(RECORD, record(data));
      const { code, stderr } = await fromCluster();
      assert.equal(code, 1);
      assert.match(stderr, /^error: cannot fetch certificate: [^\n]+ is not available either: [^\n]+\n$/);
      assert.match(stderr.trimEnd(), reason);
    });
  }
});

suite('--warn-unverified-backup', () => {
  const { fingerprint } = parseCertificate(PEM, 'cert');
  const warned = async (): Promise<string> => {
    const { code, stderr } = await fromCluster(['--warn-unverified-backup']);
    assert.equal(code, 0);
    return stderr;
  };

  test('warns if there is no verified backup with the key that seals', async () => {
    const words = `warning: no backup with the sealing key ${fingerprint} has been verified; see kubeseal keys backup --help\n`;
    server.answers.set(RECORD, record({}));
    assert.equal(await warned(), words);
    server.answers.set(RECORD, record({ 'backups.json': CANARY }));
    assert.equal(await warned(), words);
    const keys = { [fingerprint]: { verified: '2026-01-01T00:00:00Z' } };
    server.answers.set(RECORD, record({ 'backups.json': JSON.stringify({ version: 1, keys }) }));
    assert.equal(await warned(), '');
  });

  test('says that it cannot tell without a key record', async () => {
    assert.equal(
      await warned(),
      'warning: cannot tell whether there is a verified backup: the key record kube-system/sealed-secrets-keys: ' +
        'there is no such ConfigMap\n',
    );
  });
});

suite('the certificate is not taken from a cluster', () => {
  const status = (code: number, reason: string): Answer =>
    json(code, { kind: 'Status', status: 'Failure', reason, message: `${CANARY}\u001b[31m`, code });
  /** The failures after which the key record is asked for. */
  const FALLS_BACK = /sealed-secrets-controller: .*\b(40[34]|50[03])\b|fetch certificate: .*closed$/;
  const NO_SERVICE = 'cannot get sealed secret service: kube-system/sealed-secrets-controller: ';
  const NO_CERTIFICATE = 'cannot fetch certificate: kube-system/sealed-secrets-controller: ';
  const cases: [string, string, Answer, string, RegExp][] = [
    [
      'without the Service',
      SERVICE,
      status(404, 'NotFound'),
      'cannot get sealed secret service: no Service "sealed-secrets-controller" in namespace "kube-system": ',
      /: set --controller-name and --controller-namespace, or use --cert FILE$/,
    ],
    ['that gives no right to the Service', SERVICE, status(403, 'Forbidden'), NO_SERVICE, /: 403 Forbidden$/],
    ['that does not know the user', SERVICE, status(401, 'Unauthorized'), NO_SERVICE, /: 401 Unauthorized$/],
    ['that is broken', SERVICE, status(500, CANARY), NO_SERVICE, /: 500$/],
    ['that shows a login page', SERVICE, text(`<html>${CANARY}`), NO_SERVICE, /the answer is not JSON$/],
    ['whose Service is a list', SERVICE, json(200, []), NO_SERVICE, /is a list, not an object$/],
    ['with broken ports', SERVICE, json(200, { spec: { ports: CANARY } }), NO_SERVICE, /, not a list$/],
    ['that cuts its answer', SERVICE, cut, NO_SERVICE, /cannot reach https:\S+: the connection was closed$/],
    [
      'without the controller',
      PROXY,
      status(503, 'ServiceUnavailable'),
      NO_CERTIFICATE,
      /unavailable \(503\): the controller is not ready or has no sealing key yet$/,
    ],
    ['that gives no right to the proxy', PROXY, status(403, 'Forbidden'), NO_CERTIFICATE, /: 403$/],
    [
      'whose controller has no such page',
      PROXY,
      text(CANARY, 404),
      NO_CERTIFICATE,
      /: not found \(404\); check that this Service is the sealed-secrets controller$/,
    ],
    ['whose controller fails', PROXY, text(CANARY, 500), NO_CERTIFICATE, /: 500$/],
    ['whose controller is cut off', PROXY, cut, NO_CERTIFICATE, /: the connection was closed$/],
    ['whose controller never ends', PROXY, text(Buffer.alloc(1024 * 1024 + 1)), '', /is larger than 1 MiB$/],
    [
      'whose controller is something else',
      PROXY,
      text(`<html>${CANARY}</html>`),
      'the certificate of kube-system/sealed-secrets-controller holds no PEM certificate ',
      /"-----BEGIN CERTIFICATE-----"\)$/,
    ],
  ];
  for (const [what, path, answer, start, end] of cases) {
    test(what, async () => {
      server.answers.set(path, answer);
      const notes: string[] = [];
      const context = { environment: {}, clock: systemClock, warn: (line: string) => void notes.push(line) };
      // Runs in this process, because starting one for each case is slow.
      const options = await optionsFor('seal', ['--kubeconfig', kubeconfig()]);
      await assert.rejects(obtainCertificate(options, context), (error: unknown) => {
        assert.ok(error instanceof SealedSecretsError);
        assert.equal(error.message.slice(0, start.length), start);
        const [message = '', ...rest] = error.message.split(NEITHER);
        assert.match(message, end);
        assert.equal(rest.length, FALLS_BACK.test(message) ? 1 : 0, error.message);
        assert.doesNotMatch(error.message, /canary|\p{Cc}/u);
        return true;
      });
      assert.deepEqual(notes, []);
    });
  }

  test('and an output file stays unchanged', async () => {
    server.answers.clear();
    const file = folder.write('kept.pem', 'kept');
    const { code, stdout, stderr } = await fromCluster(['--fetch-cert', '-w', file]);
    assert.match(stderr, /^error: cannot get sealed secret service: [^\n]*\n$/);
    assert.deepEqual([code, stdout, readFileSync(file, 'utf8')], [1, '', 'kept']);
  });
});
