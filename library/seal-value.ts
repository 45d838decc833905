import { base64Text } from '../shared/bytes.ts';
import { labelFor } from '../shared/seal/scope.ts';
import { requireBytes, requireScope, requireText } from './arguments.ts';
import { validCertificate, type SealingOptions } from './certificate.ts';
import { translatingAsync } from './errors.ts';

/** Where a sealed value can be used. What the scope does not bind may be omitted. */
export type SealTarget =
  | { readonly scope?: 'strict' | undefined; readonly name: string; readonly namespace: string }
  | {
      readonly scope: 'namespace-wide';
      readonly namespace: string;
      readonly name?: string | undefined;
    }
  | {
      readonly scope: 'cluster-wide';
      readonly name?: string | undefined;
      readonly namespace?: string | undefined;
    };

/** Options of `sealValue`. */
export type SealValueOptions = SealingOptions & SealTarget;

/**
 * Seals one value for an item of `spec.encryptedData`, and returns it in base64. The SealedSecret must have the name and
 * namespace, and the annotation of the scope. A text is sealed as UTF-8.
 *
 * Rejects with `CertificateExpired`, `CertificateNotYetValid`, or `BadName` for a name or namespace that is empty or has a
 * slash.
 *
 * @example
 * import { parseCertificate, sealValue } from 'sealed-secrets';
 *
 * const certificate = await parseCertificate(pem);
 * const password = await sealValue('hunter2', { certificate, name: 'db', namespace: 'shop' });
 * const anywhere = await sealValue(new Uint8Array(32), { certificate, scope: 'cluster-wide' });
 */
export async function sealValue(value: string | Uint8Array, options: SealValueOptions): Promise<string> {
  const { name = '', namespace = '' } = options;
  const bytes = requireBytes(value, 'value');
  const scope = options.scope === undefined ? 'strict' : requireScope(options.scope);
  const target = { name: requireText(name, 'name'), namespace: requireText(namespace, 'namespace') };
  const { publicKey } = validCertificate(options);
  return translatingAsync('sealing a value', async () => {
    const label = labelFor(scope, target, { source: 'value' });
    return base64Text(await publicKey.sealValue(bytes, label));
  });
}
