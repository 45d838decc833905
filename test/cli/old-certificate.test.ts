import assert from 'node:assert/strict';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { certificateOf, DAY, pkcs1, pkcs8, rsa } from '../support/keys.ts';
import { kubeseal } from '../support/run.ts';
import { sealedSecret } from '../support/sealed.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { inProcess, type CommandOutput } from './in-process.ts';

const folder = temporaryFolder();
const LABEL = 'sealedsecrets.bitnami.com/sealed-secrets-key';
/** Midnight, so that the times in messages have whole seconds. */
const TODAY = Math.floor(Date.now() / DAY) * DAY;

interface Pair {
  readonly key: KeyObject;
  readonly certificate: Certificate;
  readonly from: string;
}

/** A key whose certificate begins that many days ago, and is valid for 100. */
async function pair(days: number, validity = 100 * DAY): Promise<Pair> {
  const key = rsa();
  const notBefore = new Date(TODAY - days * DAY);
  const certificate = parseCertificate(await certificateOf(key, { notBefore, validity }), 'test');
  return { key, certificate, from: notBefore.toISOString().replace('.000Z', 'Z') };
}

const [old, middle, newest, alsoOld] = await Promise.all([pair(30), pair(20), pair(10), pair(30)]);
const [future, expired] = await Promise.all([pair(-5), pair(5, DAY)]);
const FILE = JSON.stringify(sealedSecret(old.certificate, { name: 'db', namespace: 'prod' }, { a: 'b' }));

/** The Secret of a key as `kubectl get -o json` prints it. */
function keySecret({ key, certificate }: Pair, name: string, metadata: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'kube-system', labels: { [LABEL]: 'active' }, ...metadata },
    type: 'kubernetes.io/tls',
    data: {
      'tls.crt': Buffer.from(certificate.pem).toString('base64'),
      'tls.key': Buffer.from(pkcs1(key)).toString('base64'),
    },
  };
}

function list(...items: object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

function argsFor(keys: string, { certificate }: Pair, ...args: string[]): readonly string[] {
  const file = folder.write('keys', keys);
  const cert = folder.write('cert.pem', certificate.pem);
  const sealed = folder.write('sealed.json', FILE);
  return ['--re-encrypt', '--recovery-private-key', file, '--cert', cert, '-f', sealed, ...args];
}

function reEncrypt(keys: string, to: Pair, ...args: string[]): Promise<CommandOutput> {
  return inProcess(argsFor(keys, to, ...args));
}

function isUnchanged(): boolean {
  return readFileSync(`${folder.path}/sealed.json`, 'utf8') === FILE;
}

const KEYS = list(keySecret(old, 'a'), keySecret(newest, 'b'), keySecret(middle, 'c'));

suite('kubeseal --re-encrypt --recovery-private-key --cert', () => {
  test('refuses the certificate of an old key, with both fingerprints and dates, and writes nothing', async () => {
    const ran = await kubeseal(argsFor(KEYS, old));
    assert.deepEqual(ran, {
      code: 1,
      stdout: '',
      stderr:
        `error: ${folder.path}/cert.pem is not the certificate of the newest key: it has ` +
        `${old.certificate.fingerprint}, valid from ${old.from}, but the files of --recovery-private-key hold ` +
        `${newest.certificate.fingerprint}, valid from ${newest.from} (Secret b): nothing was re-encrypted; use the ` +
        'newest certificate, or confirm this one with --allow-old-certificate\n',
    });
    assert.ok(isUnchanged());
  });

  test('accepts it when a flag or a variable confirms it', async () => {
    assert.deepEqual(await reEncrypt(KEYS, old, '--allow-old-certificate'), { warnings: [], errors: [] });
    assert.ok(!isUnchanged());
    const env = { SEALED_SECRETS_ALLOW_OLD_CERTIFICATE: 'true' };
    const ran = await kubeseal(argsFor(KEYS, middle), { env });
    assert.deepEqual(ran, { code: 0, stdout: '', stderr: '' });
    assert.ok(!isUnchanged());
  });

  const created = (days: number): object => ({
    creationTimestamp: new Date(TODAY - days * DAY).toISOString(),
  });
  const owner = { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', name: 'x', uid: 'y' };
  const refused: [string, string, Pair][] = [
    ['one between', KEYS, middle],
    [
      'Secrets without labels',
      list(keySecret(old, 'a', { labels: {} }), keySecret(newest, 'b', { labels: null })),
      old,
    ],
    [
      'PEM keys with their certificates',
      [old, newest].map((each) => pkcs8(each.key) + each.certificate.pem).join(''),
      old,
    ],
    [
      'a certificate that is in no file, and older',
      list(keySecret(newest, 'b'), keySecret(old, 'a')),
      middle,
    ],
    [
      'the time of creation, where the certificates began together',
      list(keySecret(old, 'b', created(2)), keySecret(alsoOld, 'a', created(1))),
      old,
    ],
    [
      'the name, where both times are the same',
      list(keySecret(old, 'a', created(1)), keySecret(alsoOld, 'b', created(1))),
      old,
    ],
    [
      'the key of the oldest releases, which has no label',
      list(keySecret(newest, 'sealed-secrets-key', { labels: {} }), keySecret(old, 'a')),
      old,
    ],
  ];
  for (const [what, keys, to] of refused) {
    test(`refuses an old certificate: ${what}`, async () => {
      const { errors } = await reEncrypt(keys, to);
      assert.equal(errors.length, 1);
      assert.match(errors[0] ?? '', /cert\.pem is not the certificate of the newest key: /);
      assert.ok(errors[0]?.includes(`${to.certificate.fingerprint}, valid from ${to.from}`), errors[0]);
      assert.ok(isUnchanged());
    });
  }

  const accepted: [string, string, Pair][] = [
    ['of the newest key', KEYS, newest],
    ['newer than all keys', list(keySecret(old, 'a'), keySecret(middle, 'b')), newest],
    ['beside PEM keys without certificates', pkcs8(newest.key) + pkcs8(old.key), old],
    [
      'of the newest key that has begun',
      list(keySecret(old, 'a'), keySecret(newest, 'b'), keySecret(future, 'c')),
      newest,
    ],
    [
      'of the newest key that has not expired',
      list(keySecret(old, 'a'), keySecret(newest, 'b'), keySecret(expired, 'c')),
      newest,
    ],
    [
      'beside the key of a web server',
      list(keySecret(old, 'a'), keySecret(newest, 'web', { labels: { app: 'web' } })),
      old,
    ],
    [
      'beside a newer key that is out of use',
      list(keySecret(old, 'a'), keySecret(newest, 'b', { labels: { [LABEL]: 'compromised' } })),
      old,
    ],
    [
      'beside a newer key that a SealedSecret made',
      list(keySecret(old, 'a'), keySecret(newest, 'b', { ownerReferences: [owner] })),
      old,
    ],
    [
      'beside a newer key with an annotation of a SealedSecret',
      list(
        keySecret(old, 'a'),
        keySecret(newest, 'b', { annotations: { 'sealedsecrets.bitnami.com/owner-uid': 'y' } }),
      ),
      old,
    ],
    [
      'with owners that are malformed',
      list(
        keySecret(old, 'a', { ownerReferences: [null, 'x', {}, { kind: 7 }], creationTimestamp: 'never' }),
      ),
      old,
    ],
  ];
  for (const [what, keys, to] of accepted) {
    test(`accepts a certificate ${what}`, async () => {
      assert.deepEqual(await reEncrypt(keys, to), { warnings: [], errors: [] });
      assert.ok(!isUnchanged());
    });
  }

  test('refuses the certificate of a key that is no longer in use, however new', async () => {
    const keys = list(keySecret(old, 'a'), keySecret(newest, 'b', { labels: { [LABEL]: 'compromised' } }));
    const { errors } = await reEncrypt(keys, newest);
    assert.deepEqual(errors, [
      `${folder.path}/cert.pem is the certificate of a retired key: the Secret of ` +
        `${newest.certificate.fingerprint}, valid from ${newest.from}, is labelled "compromised" in the files of ` +
        '--recovery-private-key: nothing was re-encrypted; use the newest certificate, or confirm this one with ' +
        '--allow-old-certificate',
    ]);
    assert.ok(isUnchanged());
    assert.deepEqual((await reEncrypt(keys, newest, '--allow-old-certificate')).errors, []);
  });
});

suite('kubeseal --validate --recovery-private-key', () => {
  const args = (keys: string): string[] => {
    const [file, sealed] = [folder.write('keys', keys), folder.write('sealed.json', FILE)];
    return ['--validate', '--recovery-private-key', file, '-f', sealed];
  };

  test('asks no cluster, and warns that an old key opens it', async () => {
    const env = { KUBECONFIG: '/no/such/file' };
    assert.deepEqual(await kubeseal(args(KEYS), { env }), {
      code: 0,
      stdout: '',
      stderr:
        `(${folder.path}/sealed.json: sealed for an old key, ${old.certificate.fingerprint}, valid from ${old.from}; ` +
        `the newest is ${newest.certificate.fingerprint}, valid from ${newest.from})\n`,
    });
  });

  const silent: [string, string][] = [
    ['the newest key', list(keySecret(old, 'a'), keySecret(future, 'b'))],
    ['a key that stands beside one without a certificate', pkcs8(newest.key) + pkcs8(old.key)],
    ['a key without a certificate', pkcs8(old.key) + pkcs8(newest.key) + newest.certificate.pem],
  ];
  for (const [what, keys] of silent) {
    test(`prints nothing if it opens with ${what}`, async () => {
      assert.deepEqual(await inProcess(args(keys)), { warnings: [], errors: [] });
    });
  }

  test('warns of a key that is no longer in use', async () => {
    const retired = keySecret(old, 'a', { labels: { [LABEL]: 'compromised' } });
    const { warnings, errors } = await inProcess(args(list(retired, keySecret(newest, 'b'))));
    assert.deepEqual([warnings.length, errors], [1, []]);
  });

  test('fails with the reason if no key opens it', async () => {
    const { errors } = await inProcess(args(list(keySecret(newest, 'b'))));
    assert.equal(errors.length, 1);
    assert.match(
      errors[0] ?? '',
      /^unable to decrypt sealed secret: db \[.*sealed\.json\]: no key could decrypt secret \(a\): /,
    );
  });

  test('asks the controller if the keys are only in the environment', async () => {
    const [flag, , file = '', ...rest] = args(KEYS);
    const env = { KUBECONFIG: '/no/such/file', SEALED_SECRETS_RECOVERY_PRIVATE_KEY: file };
    const ran = await kubeseal([flag ?? '', ...rest], { env });
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /^error: no cluster is configured: /);
  });
});

suite('a certificate file with several certificates', () => {
  const secret = 'metadata: {name: db, namespace: prod}\nstringData: {password: hunter2}\n';
  const several = (...pairs: Pair[]): string =>
    folder.write('several.pem', pairs.map(({ certificate }) => certificate.pem).join(''));

  test('causes a warning if a newer one is not the first', async () => {
    const warning =
      `warning: ${folder.path}/several.pem holds several certificates; using the first, ` +
      `${old.certificate.fingerprint}, valid from ${old.from}, although ${newest.certificate.fingerprint} is newer, ` +
      `valid from ${newest.from}\n`;
    const ran = await kubeseal(['--cert', several(old, newest, middle, future, expired)], { stdin: secret });
    assert.deepEqual([ran.code, ran.stderr], [0, warning]);
    const raw = await kubeseal(['--raw', '--name', 'db', '-n', 'prod', '--cert', several(old, newest)], {
      stdin: 'x',
    });
    assert.deepEqual([raw.code, raw.stderr], [0, warning]);
  });

  test('causes no warning if the first one is the newest valid one', async () => {
    for (const file of [several(newest, old), several(newest, future, expired), several(old, alsoOld)]) {
      const ran = await kubeseal(['--cert', file], { stdin: secret });
      assert.deepEqual([ran.code, ran.stderr], [0, '']);
    }
  });

  test('causes no warning for a newer certificate that issued the first one', async () => {
    const leaf = await issued(old, newest);
    const file = folder.write('chain.pem', leaf + newest.certificate.pem);
    const ran = await kubeseal(['--cert', file], { stdin: secret });
    assert.deepEqual([ran.code, ran.stderr], [0, '']);
  });
});

/** A certificate of a key, signed with the key of another one. */
async function issued(subject: Pair, issuer: Pair): Promise<string> {
  const { default: forge } = await import('node-forge');
  const { pki, md } = forge;
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.publicKeyFromPem(pem(createPublicKey(subject.key)));
  certificate.serialNumber = '01';
  certificate.validity.notBefore = subject.certificate.notBefore;
  certificate.validity.notAfter = subject.certificate.notAfter;
  certificate.sign(pki.privateKeyFromPem(pkcs1(issuer.key)), md.sha256.create());
  return pki.certificateToPem(certificate);
}

function pem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}
