import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { before, suite, test } from 'node:test';
import { DEFAULT_LIMITS, TemplateError } from '../../../../shared/template/index.ts';
import { buildOracle } from '../oracle.ts';
import { render, TEST_ENVIRONMENT } from '../render.ts';

/** Room for as many keys as a test wants. */
const LIMITS = { ...DEFAULT_LIMITS, costlyCalls: 20 };
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A template brings its own RSA key here, because those that it makes are long in coming. */
const RSA_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  format: 'pem',
  type: 'pkcs1',
});
const DATA = { rsa: RSA_KEY.toString() };

function keyOf(type: string): string {
  return type === 'rsa' ? '.rsa' : `(genPrivateKey "${type}")`;
}

interface Pair {
  readonly cert: X509Certificate;
  readonly certPem: string;
  readonly keyPem: string;
}

/** The certificates and keys that a template leaves in $ca and $leaf. */
function makePair(setUp: string, name: string): Pair {
  const text = `${setUp}{{ $${name}.Cert }}|{{ $${name}.Key }}`;
  const { output, impure } = render({ text, data: DATA }, LIMITS, { ...TEST_ENVIRONMENT, now: () => NOW });
  assert.ok(impure);
  const [certPem = '', keyPem = ''] = output.split('|');
  return { cert: new X509Certificate(certPem), certPem, keyPem };
}

/** The owner of the keys is told which function failed. */
function failingIn(called: string): (error: unknown) => boolean {
  return (error) => error instanceof TemplateError && error.whole().includes(`error calling ${called}: `);
}

function holdsItsKey({ cert, keyPem }: Pair): boolean {
  return cert.checkPrivateKey(createPrivateKey(keyPem));
}

/** Both certificates of one run, so that one has signed the other. */
function chain(text: string): readonly [ca: Pair, leaf: Pair] {
  const full = `${text}{{ list $ca.Cert $ca.Key $leaf.Cert $leaf.Key | join "|" }}`;
  const [caCert = '', caKey = '', cert = '', key = ''] = render(
    { text: full, data: DATA },
    LIMITS,
  ).output.split('|');
  return [
    { cert: new X509Certificate(caCert), certPem: caCert, keyPem: caKey },
    { cert: new X509Certificate(cert), certPem: cert, keyPem: key },
  ];
}

suite('certificates', () => {
  test('an authority signs itself, may sign others, and lasts as long as it should', () => {
    const made = makePair('{{ $ca := genCA "my ca" 365 }}', 'ca');
    assert.equal(made.cert.subject, 'CN=my ca');
    assert.equal(made.cert.issuer, 'CN=my ca');
    assert.ok(made.cert.ca);
    assert.ok(made.cert.verify(made.cert.publicKey));
    assert.ok(holdsItsKey(made));
    assert.equal(Date.parse(made.cert.validFrom), NOW);
    assert.equal(Date.parse(made.cert.validTo), NOW + 365 * 86_400_000);
    assert.equal(made.cert.publicKey.asymmetricKeyDetails?.modulusLength, 2048);
    assert.match(made.keyPem, /^-----BEGIN RSA PRIVATE KEY-----\n/);
  });

  test('a self-signed certificate has its names and addresses, and is no authority', () => {
    const made = makePair(
      '{{ $c := genSelfSignedCert "žluť.example" (list "10.0.0.1" "fe80::1") (list "a.example" "b.example") 1 }}',
      'c',
    );
    assert.equal(made.cert.subject, 'CN=žluť.example');
    assert.equal(
      made.cert.subjectAltName,
      'DNS:a.example, DNS:b.example, IP Address:10.0.0.1, IP Address:FE80:0:0:0:0:0:0:1',
    );
    assert.ok(!made.cert.ca);
    assert.deepEqual(made.cert.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    assert.ok(made.cert.verify(made.cert.publicKey));
    assert.ok(holdsItsKey(made));
  });

  for (const type of ['rsa', 'ecdsa', 'ed25519']) {
    test(`a ${type} authority signs`, () => {
      const [ca, leaf] = chain(
        `{{ $ca := genCAWithKey "ca" 2 ${keyOf(type)} }}` +
          '{{ $leaf := genSignedCert "leaf" nil (list "x.example") 1 $ca }}',
      );
      assert.ok(leaf.cert.verify(ca.cert.publicKey));
      assert.ok(leaf.cert.checkIssued(ca.cert));
      assert.ok(holdsItsKey(ca) && holdsItsKey(leaf));
      assert.equal(leaf.cert.checkHost('x.example'), 'x.example');
    });

    test(`a ${type} key is certified`, () => {
      const [ca, leaf] = chain(
        '{{ $ca := genCAWithKey "ca" 2 (genPrivateKey "ecdsa") }}' +
          `{{ $leaf := genSignedCertWithKey "leaf" nil nil 1 $ca ${keyOf(type)} }}`,
      );
      assert.ok(leaf.cert.verify(ca.cert.publicKey));
      assert.ok(holdsItsKey(leaf));
    });
  }

  test('serial numbers are random', () => {
    const [first, second] = [1, 2].map(() => {
      return makePair('{{ $c := genSelfSignedCertWithKey "" nil (list "x") 1 (genPrivateKey "ecdsa") }}', 'c')
        .cert;
    });
    assert.notEqual(first?.serialNumber, second?.serialNumber);
  });

  test('a certificate of one’s own is taken as it is', () => {
    const text =
      '{{ $c := genCAWithKey "x" 1 (genPrivateKey "ed25519") }}' +
      '{{ $d := buildCustomCert (b64enc $c.Cert) (b64enc $c.Key) }}{{ eq $c $d }}{{ typeOf $d }}';
    assert.equal(render({ text }, LIMITS).output, 'truesprig.certificate');
  });

  test('a key of another certificate does not sign', () => {
    const text =
      '{{ $a := genCAWithKey "a" 1 (genPrivateKey "ecdsa") }}{{ $b := genCAWithKey "b" 1 (genPrivateKey "ecdsa") }}' +
      '{{ $mixed := buildCustomCert (b64enc $a.Cert) (b64enc $b.Key) }}' +
      '{{ genSignedCertWithKey "x" nil nil 1 $mixed $b.Key }}';
    assert.throws(() => render({ text }, LIMITS), failingIn('genSignedCertWithKey'));
  });

  test('keys are slow to make, and their number is bounded', () => {
    const text = '{{ range until 5 }}{{ genPrivateKey "ecdsa" | len }}{{ end }}';
    assert.throws(() => render({ text }), failingIn('genPrivateKey'));
  });
});

suite('private keys', () => {
  for (const [type, header, check] of [
    ['ecdsa', 'EC PRIVATE KEY', { type: 'ec', details: { namedCurve: 'prime256v1' } }],
    ['ed25519', 'PRIVATE KEY', { type: 'ed25519', details: {} }],
    ['rsa', 'RSA PRIVATE KEY', { type: 'rsa', details: { modulusLength: 4096, publicExponent: 65537n } }],
  ] as const) {
    test(`${type} is made as it should be`, () => {
      const { output, impure } = render({ text: `{{ genPrivateKey "${type}" }}` });
      assert.ok(output.startsWith(`-----BEGIN ${header}-----\n`));
      assert.ok(impure);
      const key = createPrivateKey(output);
      assert.equal(key.asymmetricKeyType, check.type);
      assert.deepEqual({ ...key.asymmetricKeyDetails }, check.details);
    });
  }

  test('dsa is made in the form that OpenSSL had', () => {
    const { output } = render({ text: '{{ genPrivateKey "dsa" }}' });
    assert.ok(output.startsWith('-----BEGIN DSA PRIVATE KEY-----\n'));
    assert.equal(createPublicKey(createPrivateKey(output)).asymmetricKeyType, 'dsa');
  });
});

suite('certificates that Go reads', () => {
  let ask: Awaited<ReturnType<typeof buildOracle>> | null;
  before(async () => {
    ask = await buildOracle().catch(() => null);
  });

  for (const type of ['rsa', 'ecdsa', 'ed25519']) {
    test(`Go signs with a ${type} authority of ours`, async (t) => {
      if (ask === null) return t.skip('needs Go and its modules');
      const { certPem, keyPem } = makePair(`{{ $ca := genCAWithKey "ca ž" 2 ${keyOf(type)} }}`, 'ca');
      const text =
        '{{ $ca := buildCustomCert (b64enc .cert) (b64enc .key) }}' +
        '{{ (genSignedCertWithKey "x" nil nil 1 $ca .key).Cert | trunc 27 }}';
      const data = { cert: certPem, key: keyPem };
      assert.deepEqual(await ask([{ name: type, text, data }]), [{ output: '-----BEGIN CERTIFICATE-----' }]);
    });
  }
});
