import { SEALING_KEY } from '../../shared/api/annotations.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { makeKeyPair, type KeyPairPem } from '../../shared/crypto/key-pair.ts';
import { keySecret } from '../../test/support/key-secret.ts';
import { DAY } from '../../test/support/keys.ts';
import { sealedSecret, type SealedBody } from '../../test/support/sealed.ts';
import type { Case } from './case.ts';

/** How long a key is the newest one, in ms. */
const RENEWED = 30 * DAY;
const BITS = 4096;

/** Generates sealing keys, as a cluster has them after as many renewals. The newest one is the last. */
export async function makeKeys(count: number): Promise<readonly KeyPairPem[]> {
  const made = Array.from({ length: count }, (_, index) =>
    makeKeyPair({
      bits: BITS,
      commonName: '',
      notBefore: new Date(Date.now() - (count - index) * RENEWED),
      validity: 10 * 365 * DAY,
    }),
  );
  return Promise.all(made);
}

/** Returns the Secret of a key. */
export function secretOf({ certificate, privateKey }: KeyPairPem, index: number): object {
  return keySecret(`sealed-secrets-keybench${index}`, { 'tls.crt': certificate, 'tls.key': privateKey });
}

/**
 * Seals the values once for all names, so that sealing takes no CPU beside the controller. With a hint, the object names
 * the key.
 */
export function sealedFor(
  { certificate }: KeyPairPem,
  { values, hint }: Pick<Case, 'values' | 'hint'>,
): SealedBody {
  const to: Certificate = parseCertificate(certificate, 'bench');
  const items: Record<string, string> = {};
  for (let i = 0; i < values; i++) items[`item-${i}`] = 'a value of some length';
  const sealed = sealedSecret(to, { namespace: 'any', name: 'any' }, items, { scope: 'cluster-wide' });
  if (!hint) return sealed;
  const annotations = { ...sealed.metadata.annotations, [SEALING_KEY]: to.fingerprint };
  return { ...sealed, metadata: { ...sealed.metadata, annotations } };
}
