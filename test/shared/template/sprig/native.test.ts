/**
 * Threat: native code cannot be interrupted, and some of it takes time in proportion to the square or the cube of what
 * a template hands to it. Here time stands still: what is refused, is refused by the size of the input alone.
 */
import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { suite, test } from 'node:test';
import { TemplateError } from '../../../../shared/template/index.ts';
import { TAG } from '../../../../shared/x509/der-read.ts';
import { bitString, encode, integer, oid, sequence } from '../../../../shared/x509/der.ts';
import { encodePem } from '../../../../shared/x509/pem.ts';
import { decimalInteger } from '../../../../shared/template/number.ts';
import { expandedSize } from '../../../../shared/template/sprig/pattern-size.ts';
import { createCertificate } from '../../../../shared/template/sprig/x509.ts';
import { oddNumber, oversizedRsaKey } from '../../../support/oversized-key.ts';
import { render } from '../render.ts';

const pem = (type: string, der: Buffer): string => encodePem({ type, der });

/** How a template fails, in the words for the owner of the data. */
function failure(text: string, data: Record<string, string> = {}): string {
  try {
    render({ text, data });
  } catch (error) {
    assert.ok(error instanceof TemplateError, String(error));
    return error.whole();
  }
  return assert.fail('did not fail');
}

const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const SELF_SIGNED = '{{ (genSelfSignedCertWithKey "a" (list) (list) 1 .key).Cert | len }}';
const RSA = oid('1.2.840.113549.1.1.1');
const EC_KEY = oid('1.2.840.10045.2.1');
const NULL = encode(TAG.null);

function pkcs8(algorithm: readonly Buffer[], key: Buffer): string {
  return pem('PRIVATE KEY', sequence(integer(0n), sequence(...algorithm), encode(TAG.octetString, key)));
}

function derOf(text: string): Buffer {
  return Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64');
}

/** The numbers of a real key, with some of them changed. */
function changedRsaKey(change: Readonly<Record<string, string>>): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const jwk: Record<string, unknown> = { ...privateKey.export({ format: 'jwk' }), ...change };
  const number = (name: string): bigint => {
    return BigInt(`0x${Buffer.from(String(jwk[name]), 'base64url').toString('hex')}`);
  };
  const numbers = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'].map(number);
  return pem('RSA PRIVATE KEY', sequence(...[0n, ...numbers].map(integer)));
}

/** A curve written out in parameters: y² = x³ + ax + b over a field of this many bits. */
function explicitCurve(bits: number): Buffer {
  const field = sequence(oid('1.2.840.10045.1.1'), integer(oddNumber(bits)));
  const number = (): Buffer => encode(TAG.octetString, Buffer.alloc(bits / 8, 3));
  const point = encode(TAG.octetString, Buffer.concat([Buffer.of(2), Buffer.alloc(bits / 8, 3)]));
  return sequence(integer(1n), field, sequence(number(), number()), point, integer(oddNumber(bits)));
}

suite('a private key is not shown to OpenSSL', () => {
  for (const [what, key, words] of [
    ['of 65,536 bits', oversizedRsaKey(), /a private key has more than 8192 bytes$/],
    ['of 8,200 bits', oversizedRsaKey({ bits: 8200 }), /an RSA key has more than 8192 bits$/],
    [
      'of 65,536 bits in PKCS #8',
      pkcs8([RSA, NULL], derOf(oversizedRsaKey())),
      /a private key has more than 8192 bytes$/,
    ],
    [
      'with a public exponent of 2,048 bits',
      oversizedRsaKey({ bits: 2048, exponent: oddNumber(2048) }),
      /the exponent of an RSA key has more than 31 bits$/,
    ],
    ['with numbers that disagree', oversizedRsaKey({ bits: 2048 }), /this is no such key$/],
    ['with another CRT exponent', changedRsaKey({ dp: 'Aw' }), /this is no such key$/],
    ['with another CRT coefficient', changedRsaKey({ qi: 'Aw' }), /this is no such key$/],
    ['with another private exponent', changedRsaKey({ d: 'Aw' }), /this is no such key$/],
    [
      'with a curve written out',
      pkcs8(
        [EC_KEY, explicitCurve(512)],
        sequence(integer(1n), encode(TAG.octetString, Buffer.alloc(64, 1))),
      ),
      /this is no such key$/,
    ],
    [
      'with a number of 1 MB for a curve',
      pem('EC PRIVATE KEY', sequence(integer(1n), encode(TAG.octetString, Buffer.alloc(1e6, 1)))),
      /a private key has more than 1024 bytes$/,
    ],
    [
      'for Diffie-Hellman',
      pkcs8([oid('1.2.840.113549.1.3.1'), sequence(integer(oddNumber(4096)), integer(2n))], integer(3n)),
      /unknown algorithm$/,
    ],
  ] as const) {
    test(what, () => assert.match(failure(SELF_SIGNED, { key }), words));
  }

  test('but usual ones are', () => {
    for (const key of [
      changedRsaKey({}),
      EC.export({ format: 'pem', type: 'sec1' }).toString(),
      EC.export({ format: 'pem', type: 'pkcs8' }).toString(),
      generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
      generateKeyPairSync('rsa', { modulusLength: 2048 })
        .privateKey.export({ format: 'pem', type: 'pkcs8' })
        .toString(),
    ]) {
      assert.match(render({ text: SELF_SIGNED, data: { key } }).output, /^\d+$/);
    }
  });
});

suite('a certificate is not shown to OpenSSL', () => {
  const key = EC.export({ format: 'pem', type: 'pkcs8' }).toString();
  const custom = '{{ (buildCustomCert (b64enc .cert) (b64enc .key)).Cert | len }}';

  function certificate(publicKey: Buffer, commonName = 'a'): string {
    const request = { serial: 1n, commonName, dnsNames: [], addresses: [], notBefore: 0n, notAfter: 1n };
    const signer: KeyObject = createPrivateKey(key);
    return pem(
      'CERTIFICATE',
      createCertificate({ ...request, isAuthority: false }, publicKey, { key: signer }),
    );
  }

  const rsaKey = (n: bigint, e: bigint): Buffer =>
    sequence(sequence(RSA, NULL), bitString(sequence(integer(n), integer(e))));

  for (const [what, cert, words] of [
    [
      'with a public key of 65,536 bits',
      certificate(rsaKey(oddNumber(65_536), 65_537n)),
      /more than 8192 bytes$/,
    ],
    [
      'with a public key of 8,200 bits',
      certificate(rsaKey(oddNumber(8200), 65_537n)),
      /more than 8192 bits$/,
    ],
    [
      'with an exponent of 2,048 bits',
      certificate(rsaKey(oddNumber(2048), oddNumber(2048))),
      /more than 31 bits$/,
    ],
    [
      'with a curve written out',
      certificate(sequence(sequence(EC_KEY, explicitCurve(512)), bitString(Buffer.alloc(65, 2)))),
      /malformed certificate$/,
    ],
    ['of 100 kB', certificate(rsaKey(oddNumber(2048), 3n), 'a'.repeat(100_000)), /more than 65536 bytes$/],
  ] as const) {
    test(what, () => assert.match(failure(custom, { cert, key }), words));
  }

  test('but a usual one is', () => {
    const cert = certificate(rsaKey(oddNumber(4096), 65_537n));
    assert.equal(render({ text: custom, data: { cert, key } }).output, String(cert.length));
  });
});

suite('what takes more than linear time is bounded', () => {
  const LONG = '{{ $part := print (repeat 20000 "a") "b" (repeat 20000 "a") }}{{ $s := repeat 800000 "a" }}';
  for (const call of [
    'contains $part $s',
    'replace $part "" $s',
    'split $part $s',
    'splitList $part $s',
    'splitn $part 3 $s',
  ]) {
    test(`a search that looks at each byte many times: ${call}`, () => {
      assert.match(failure(`${LONG}{{ ${call} }}`), /more than 2000000 steps$/);
    });
  }

  test('a short search is not', () => {
    assert.equal(render({ text: '{{ contains "b" (repeat 1000000 "a") }}' }).output, 'false');
  });

  test('a search of a long part in a short text is not', () => {
    assert.equal(render({ text: '{{ contains (repeat 1000 "b") (repeat 10000 "a") }}' }).output, 'false');
  });

  test('numbers of millions of digits are not made', () => {
    assert.equal(decimalInteger('9'.repeat(1e6)), 1n << 66n);
    assert.equal(decimalInteger(`${'0'.repeat(1e6)}18446744073709551616`), 1n << 64n);
    const text = '{{ $n := repeat 1000000 "9" }}{{ atoi $n }} {{ atoi (print "-" $n) }} {{ int $n }}';
    assert.equal(render({ text }).output, '9223372036854775807 -9223372036854775808 0');
  });

  for (const [what, text, words] of [
    [
      'sorting long equal texts',
      `{{ $a := repeat 1000000 "a" }}{{ $l := list }}
      {{ range until 100 }}{{ $l = append $l (print $a "b") }}{{ end }}{{ sortAlpha $l | len }}`,
      /(steps|memory)$/,
    ],
    [
      'keys that are parts of one text',
      `{{ $s := repeat 1000000 "a" }}{{ dict ${Array.from(
        { length: 100 },
        (_, i) => `(substr ${i} -1 $s) 1`,
      ).join(' ')} | len }}`,
      /(steps|memory)$/,
    ],
    [
      'text that is decoded again and again',
      `{{ $s := repeat 1000000 "YWFh" }}{{ $l := list }}
      {{ range until 1000 }}{{ $l = append $l (b64dec $s) }}{{ end }}`,
      /(steps|memory)$/,
    ],
    [
      'a repetition of repetitions',
      '{{ regexMatch "((a{100}){10}b{1000}){30}" "a" }}',
      /more than 20000 parts$/,
    ],
    ['repetitions in a row', '{{ regexMatch (repeat 100 "a{1000}") "a" }}', /more than 20000 parts$/],
    ['a long duration', '{{ mustDateModify (repeat 20000 "x") now }}', /more than 16384 bytes$/],
    ['a long time layout', '{{ toDate (repeat 20000 "1") "1" }}', /more than 16384 bytes$/],
    [
      'a long name for derivePassword',
      '{{ derivePassword 1 "long" "p" (repeat 70000 "u") "s" }}',
      /more than 65536 bytes$/,
    ],
    [
      'deep lists as JSON',
      '{{ $x := list }}{{ range until 5000 }}{{ $x = list $x }}{{ end }}{{ toJson $x }}',
      /nested deeper than 1000$/,
    ],
    [
      'deep lists compared',
      `{{ $x := list }}{{ $y := list }}{{ range until 5000 }}{{ $x = list $x }}{{ $y = list $y }}
      {{ end }}{{ deepEqual $x $y }}`,
      /nested deeper than 1000$/,
    ],
  ] as const) {
    test(what, () => assert.match(failure(text), words));
  }

  test('a PEM text that starts and ends a block at every line is read once', () => {
    const broken = '\n-----END '.repeat(20_000) + ':\n'.repeat(20_000);
    assert.match(failure(SELF_SIGNED, { key: broken }), /no PEM data in input$/);
  });

  for (const [expression, size] of [
    ['', 0],
    ['abc', 3],
    ['a{10}', 10],
    ['(a{10}){10}', 110],
    ['a{2,5}b', 6],
    ['\\{5}', 3],
    ['a{x}', 4],
    ['((((', 0],
  ] as const) {
    test(`${expression} has ${size} parts`, () => assert.equal(expandedSize(expression), size));
  }
});
