import { utf8Text } from '../../shared/bytes.ts';
import { decodeBase64 } from '../../shared/api/base64.ts';
import { SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import { parseServerMetadata, type Metadata } from '../../shared/api/metadata.ts';
import { showRef } from '../../shared/kubernetes/api/ref.ts';
import { Reader } from '../../shared/api/reader.ts';
import { parseCertificate } from '../../shared/crypto/parse-certificate.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { failureOf, Failure } from '../../shared/errors.ts';
import type { Api } from '../../shared/kubernetes/api/api.ts';
import { SECRETS, type Kind } from '../../shared/kubernetes/api/kinds.ts';
import { compareAge, type DatedKey } from '../../shared/seal/key-age.ts';
import { DEFAULT_KEY_PREFIX, isFromSealedSecret, keyLabelOf } from '../../shared/seal/stored-key.ts';
import type { KeyState, RecordedKey } from '../../shared/key-record/record.ts';
import { allowed } from './rights.ts';

/** A key Secret, of which the private key is not kept. */
export interface KeySecret {
  readonly metadata: Metadata;
  /** The certificate, or why it cannot be used. */
  readonly certificate: Certificate | Failure;
}

/** Key Secrets. Their private keys are dropped when they are parsed. */
export const KEY_SECRETS: Kind<KeySecret> = {
  ...SECRETS,
  parse(document, place) {
    const reader = new Reader(document, place);
    const metadata = parseServerMetadata(new Reader(reader.value('metadata'), reader.at('metadata')));
    const data = reader.object('data');
    return {
      metadata,
      certificate: certificateOf(data?.value('tls.crt'), `Secret ${showRef(metadata)}: tls.crt`),
    };
  },
};

function certificateOf(value: unknown, at: string): Certificate | Failure {
  const decoded = decodeBase64(typeof value === 'string' ? value : '');
  try {
    return parseCertificate(decoded.ok ? utf8Text(decoded.bytes) : '', at);
  } catch (error) {
    return failureOf(error, 'reading a certificate');
  }
}

type CertifiedKey = RecordedKey & { readonly certificate: Certificate };

/** The keys of a namespace as their Secrets tell, and which Secrets cannot be read. */
export interface KeysInSecrets {
  /** Newest first. */
  readonly keys: readonly RecordedKey[];
  readonly problems: readonly Failure[];
}

/**
 * Reads the keys of a namespace from their Secrets, with the user's rights. Throws `NotAllowed`, and as `Api.list`.
 *
 * The newest key is the one whose certificate is the newest that is valid: a controller with another
 * `--key-order-priority` may choose another one.
 */
export async function readKeySecrets(
  api: Api,
  { namespace, now }: { readonly namespace: string; readonly now: Date },
): Promise<KeysInSecrets> {
  const found = new Map<string, KeySecret>();
  const problems: Failure[] = [];
  const right = { verb: 'list', resource: 'secrets', namespace } as const;
  await allowed(right, () =>
    api.list(KEY_SECRETS, { namespace, labelSelector: SEALING_KEY_LABEL }, (item) => {
      if (item.ok) found.set(item.object.metadata.name, item.object);
      else problems.push(item.failure);
    }),
  );
  // A key of the oldest releases has no label.
  const legacy = await allowed({ verb: 'get', resource: 'secrets', namespace }, () =>
    api.get(KEY_SECRETS, { namespace, name: DEFAULT_KEY_PREFIX }),
  );
  if (legacy !== null) found.set(legacy.metadata.name, legacy);
  const keys: CertifiedKey[] = [];
  for (const { metadata, certificate } of found.values()) {
    if (isFromSealedSecret({ metadata })) continue;
    const state = stateOf(metadata);
    if (certificate instanceof Failure) problems.push(certificate);
    else if (state !== undefined) {
      const { name, server } = metadata;
      const { fingerprint } = certificate;
      const { created } = server;
      keys.push({ name, fingerprint, created, state, objects: undefined, certificate });
    }
  }
  return { keys: withNewest(keys, now), problems };
}

/** Returns the state that the label of a Secret says; undefined for a label that makes it no key. */
function stateOf(metadata: Metadata): KeyState | undefined {
  const label = keyLabelOf(metadata);
  return label === 'active' || label === 'retired' || label === 'compromised' ? label : undefined;
}

/** Sorts keys by age and marks the one that seals now. */
function withNewest(keys: readonly CertifiedKey[], now: Date): readonly RecordedKey[] {
  const dated = (key: CertifiedKey): DatedKey => ({ ...key, secretName: key.name });
  const sorted = keys.toSorted((a, b) => compareAge(dated(b), dated(a), 'CertNotBefore'));
  const newest = sorted.find(
    ({ state, certificate: { notBefore, notAfter } }) =>
      state === 'active' && notBefore <= now && notAfter > now,
  );
  return sorted.map((key) => (key === newest ? { ...key, state: 'newest' } : key));
}
