import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseSealedSecret, type SealedSecret } from '../../../shared/api/sealed-secret.ts';
import { parseCertificate } from '../../../shared/crypto/parse-certificate.ts';
import { withSealingAnnotations } from '../../../shared/input/sealing-annotations.ts';
import { knownSealedWith } from '../../../shared/seal/known-key.ts';
import { sealedSecret } from '../../support/sealed.ts';
import { certificatePem } from '../../support/vectors.ts';

const certificate = parseCertificate(certificatePem('c2048'), 'c2048');
const large = parseCertificate(certificatePem('a4096'), 'a4096');
const REF = { name: 'db', namespace: 'prod' };

/** Returns a SealedSecret with a hint. `item` changes the bytes of its only item. */
function hinted(hint: string | undefined, item: (bytes: Buffer) => Buffer = (bytes) => bytes): SealedSecret {
  const body = sealedSecret(certificate, REF, { password: 'hunter2' });
  const bytes = Buffer.from(body.spec.encryptedData['password'] ?? '', 'base64');
  const annotations = hint === undefined ? {} : { 'sealedsecrets.bitnami.com/sealing-key': hint };
  const encryptedData = { password: item(bytes).toString('base64') };
  const object = { ...body, metadata: { ...REF, annotations }, spec: { ...body.spec, encryptedData } };
  return parseSealedSecret(object, { source: 'test' });
}

suite('a SealedSecret is taken for sealed with a certificate', () => {
  const isKnown = knownSealedWith(certificate);
  const { fingerprint } = certificate;

  const table: [string, SealedSecret, boolean][] = [
    ['if its hint names only that key', hinted(fingerprint), true],
    ['if the hint names the key twice', hinted(`${fingerprint}, ${fingerprint}`), true],
    ['not without a hint', hinted(undefined), false],
    ['not if the hint names another key', hinted(large.fingerprint), false],
    ['not if the hint names other keys, too', hinted(`${fingerprint},${large.fingerprint}`), false],
    [
      'not if a ciphertext has another length',
      hinted(fingerprint, (bytes) => {
        const longer = Buffer.concat([Buffer.from([2, 0]), bytes.subarray(2), Buffer.alloc(256)]);
        return longer;
      }),
      false,
    ],
    [
      'not if a ciphertext is not below the modulus',
      hinted(fingerprint, (bytes) => {
        bytes.set(certificate.publicKey.modulus, 2);
        return bytes;
      }),
      false,
    ],
    ['not if an item holds no ciphertext', hinted(fingerprint, () => Buffer.from('x')), false],
  ];
  for (const [what, sealed, wanted] of table) {
    test(what, async () => assert.equal(await isKnown(sealed), wanted));
  }

  const place = { source: 'test' };
  for (const key of [certificate, large]) {
    const wanted = key === certificate;
    test(`${wanted ? '' : 'not '}if its record names ${wanted ? 'that' : 'another'} key, whatever the hint`, async () => {
      const annotations = { certificate: key, keyHint: false, record: true, place };
      const other = wanted ? large : certificate;
      for (const hint of [undefined, other.fingerprint]) {
        const recorded = await withSealingAnnotations(hinted(hint), annotations);
        assert.equal(await isKnown(recorded), wanted);
      }
    });
  }

  test('if it has no items', async () => {
    const empty = sealedSecret(certificate, REF, {});
    assert.ok(await isKnown(parseSealedSecret(empty, { source: 'test' })));
  });
});
