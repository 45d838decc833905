import { SEALING_KEY } from '../../shared/api/annotations.ts';
import { SEALED_SECRET_VERSION } from '../../shared/api/kind.ts';
import { isObject } from '../../shared/api/reader.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Certificate } from '../../shared/crypto/certificate.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import type { Decrypter } from '../../shared/seal/open-items.ts';
import { encryptAnew } from '../../shared/seal/re-encrypt.ts';
import { SCOPES, scopeOf } from '../../shared/seal/scope.ts';
import { REQUEST, type Posted } from './posted.ts';
import { empty, type Reply } from './reply.ts';

/**
 * The object as it came, its items under the newest key, for the name, namespace and scope that its own metadata give;
 * or 409. Templates are not looked into but for one thing: one that claims a wider scope is refused, for in other
 * hands it would widen what was sealed strictly (CVE-2026-22728).
 */
export async function rotate(
  { sealed, value }: Posted,
  to: Certificate,
  decrypter: Decrypter,
  signal: AbortSignal,
): Promise<Reply> {
  if (claimsWiderScope(sealed)) return empty(409);
  try {
    const anew = await encryptAnew(sealed, to, decrypter, REQUEST, signal);
    if ('problems' in anew) return empty(409);
    const body = JSON.stringify(rewritten(value, sealed, anew.encryptedData, to));
    return { status: 200, type: 'application/json', body: `${body}\n` };
  } catch (error) {
    // A name that is none, or the deprecated `spec.data`.
    if (error instanceof SealedSecretsError) return empty(409);
    throw error;
  }
}

function claimsWiderScope({ metadata, template }: SealedSecret): boolean {
  const [own, claimed] = [metadata, template.metadata].map(({ annotations }) =>
    SCOPES.indexOf(scopeOf(annotations)),
  );
  return (claimed ?? 0) > (own ?? 0);
}

/** A hint that names the old key would mislead. */
function rewritten(
  value: object,
  { metadata }: SealedSecret,
  encryptedData: ReadonlyMap<string, string>,
  { fingerprint }: Certificate,
): object {
  const items = (): object => Object.fromEntries(encryptedData);
  const hint = (annotations: object): object =>
    metadata.annotations.has(SEALING_KEY) ? { ...annotations, [SEALING_KEY]: fingerprint } : annotations;
  const anew = within(value, 'spec', (spec) => within(spec, 'encryptedData', items));
  const hinted = within(anew, 'metadata', (own) => within(own, 'annotations', hint));
  // Clients may leave out the version, and readers may not.
  const rest = Object.entries(hinted).filter(([name]) => !/^(?:kind|apiversion)$/i.test(name));
  return { kind: 'SealedSecret', apiVersion: SEALED_SECRET_VERSION, ...Object.fromEntries(rest) };
}

/** The object with one of its fields changed, which may be written in any letter case, as it was read. */
function within(object: object, name: string, change: (field: object) => object): object {
  const entries = Object.entries(object) as [string, unknown][];
  const changed = entries.map(([key, field]): [string, unknown] => {
    const isMeant = key.toLowerCase() === name.toLowerCase() && isObject(field);
    return [key, isMeant ? change(field) : field];
  });
  return Object.fromEntries(changed);
}
