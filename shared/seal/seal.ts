import { LAST_APPLIED } from '../api/annotations.ts';
import { checkLabelPart, type Metadata } from '../api/metadata.ts';
import { inside, showPlace, type Place } from '../api/place.ts';
import { base64Text } from '../bytes.ts';
import type { SealedSecret } from '../api/sealed-secret.ts';
import type { Secret } from '../api/secret.ts';
import type { Certificate } from '../crypto/certificate.ts';
import { fail } from './errors.ts';
import { labelFor, scopeAnnotations, scopeOf, withScope, type Scope } from './scope.ts';

/** How to seal a Secret. */
export interface SealOptions {
  /** The certificate to encrypt for. */
  readonly certificate: Certificate;
  /** The source of the Secret, for errors. */
  readonly place: Place;
  /** The scope. Defaults to the scope that the Secret's annotations set. */
  readonly scope?: Scope | undefined;
  /** Whether a Secret may have no items. Defaults to false. */
  readonly allowEmptyData?: boolean;
}

/**
 * Seals every item of a Secret for its name and namespace, as far as the scope needs them. Rejects with `NoName`, `NoItems`,
 * `NoNamespace` or `BadName`, naming the place.
 *
 * @example
 * import { parseSecret } from '../api/secret.ts';
 * import { parseCertificate } from '../crypto/parse-certificate.ts';
 *
 * const place = { source: 'secret.json' };
 * const secret = parseSecret(JSON.parse(text), place);
 * const certificate = parseCertificate(pem, 'cert.pem');
 * await seal(secret, { certificate, place, scope: 'namespace-wide' });
 */
export async function seal(secret: Secret, options: SealOptions): Promise<SealedSecret> {
  const { certificate, place } = options;
  const { name, namespace } = secret.metadata;
  const scope = options.scope ?? scopeOf(secret.metadata.annotations);
  const metadataPlace = inside(place, 'metadata');
  const at = showPlace(place);
  if (name === '') fail({ code: 'NoName', at });
  if (namespace === '' && scope !== 'cluster-wide') fail({ code: 'NoNamespace', at, scope });
  checkLabelPart(name, inside(metadataPlace, 'name'));
  if (namespace !== '') checkLabelPart(namespace, inside(metadataPlace, 'namespace'));
  if (secret.data.size === 0 && !options.allowEmptyData) fail({ code: 'NoItems', at });

  const label = labelFor(scope, secret.metadata, place);
  const encryptedData = new Map<string, string>();
  for (const [item, value] of secret.data) {
    encryptedData.set(item, base64Text(await certificate.publicKey.sealValue(value, label)));
  }
  const template = templateMetadata(secret.metadata, scope);
  return {
    metadata: {
      ...template,
      generateName: '',
      labels: new Map(),
      finalizers: [],
      annotations: scopeAnnotations(scope),
    },
    encryptedData,
    hasEncryptedData: true,
    v1Data: undefined,
    template: { metadata: template, type: secret.type, immutable: secret.immutable, data: new Map() },
  };
}

function templateMetadata(metadata: Metadata, scope: Scope): Metadata {
  const annotations = new Map(metadata.annotations);
  for (const name of LAST_APPLIED) annotations.delete(name);
  return { ...metadata, annotations: withScope(annotations, scope) };
}
