import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { base64Text } from '../../shared/bytes.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { sealValue } from '../../shared/crypto/seal-value.ts';
import { labelFor, scopeAnnotations, type Scope } from '../../shared/seal/scope.ts';
import { noteSecret } from './secrets-used.ts';

/** A SealedSecret as a test posts it: correct in form, except for what the test changes. */
export interface SealedBody {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Ref & { readonly annotations: Readonly<Record<string, string>> };
  readonly spec: {
    readonly encryptedData: Readonly<Record<string, string>>;
    readonly template: object;
  };
}

/** The public key to seal with: of a certificate, or a bare key. */
export type Recipient = Pick<Certificate, 'pem'> | { readonly publicKey: KeyObject };

/** Seals one value, as base64. */
export function sealedItem(to: Recipient, ref: Ref, value: string, scope: Scope = 'strict'): string {
  noteSecret(value);
  const label = labelFor(scope, ref, { source: 'test' });
  return base64Text(sealValue(Buffer.from(value), keyOf(to), label));
}

/** Returns the key of a recipient as Node's crypto takes it. */
function keyOf(to: Recipient): KeyObject {
  return 'pem' in to ? createPublicKey(to.pem) : to.publicKey;
}

/** Returns a SealedSecret that the recipient can open. */
export function sealedSecret(
  to: Recipient,
  ref: Ref,
  items: Readonly<Record<string, string>>,
  { scope = 'strict', template = {} }: { scope?: Scope; template?: object } = {},
): SealedBody {
  return {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: {
      name: ref.name,
      namespace: ref.namespace,
      annotations: Object.fromEntries(scopeAnnotations(scope)),
    },
    spec: {
      encryptedData: Object.fromEntries(
        Object.entries(items).map(([item, value]) => [item, sealedItem(to, ref, value, scope)]),
      ),
      template,
    },
  };
}
