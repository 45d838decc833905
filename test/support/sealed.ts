import type { KeyObject } from 'node:crypto';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import { sealValue } from '../../shared/crypto/envelope.ts';
import { labelFor, scopeAnnotations, type Scope } from '../../shared/seal/scope.ts';
import { noteSecret } from './secrets-used.ts';

/** A SealedSecret as a test posts it: of the right form, but for what the test puts in. */
export interface SealedBody {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Ref & { readonly annotations: Readonly<Record<string, string>> };
  readonly spec: {
    readonly encryptedData: Readonly<Record<string, string>>;
    readonly template: object;
  };
}

/** What a test seals with: a certificate, or a key that no certificate should be made for. */
export interface Recipient {
  readonly publicKey: KeyObject;
}

/** One sealed value, in base64. */
export function sealedItem(to: Recipient, ref: Ref, value: string, scope: Scope = 'strict'): string {
  noteSecret(value);
  const label = labelFor(scope, ref, { source: 'test' });
  return sealValue(Buffer.from(value), to.publicKey, label).toString('base64');
}

/** A SealedSecret that the recipient can open. */
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
