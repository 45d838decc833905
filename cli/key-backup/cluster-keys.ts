import { SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import type { Secret } from '../../shared/api/secret.ts';
import type { Api } from '../../shared/kubernetes/api/api.ts';
import { SECRETS } from '../../shared/kubernetes/api/kinds.ts';
import { DEFAULT_KEY_PREFIX, isFromSealedSecret, privateKeyText } from '../../shared/seal/stored-key.ts';
import type { CliContext } from '../context.ts';
import { allowed } from '../keys/rights.ts';

/**
 * Reads the key Secrets of a namespace, with the user's own rights: those with the label of sealing keys, whatever it
 * says, and the one of the oldest releases, which has a fixed name. Retired and compromised keys belong to a backup too:
 * nothing else opens what they sealed. Throws `NotAllowed`.
 */
export async function readWholeKeys(
  api: Api,
  namespace: string,
  context: CliContext,
): Promise<readonly Secret[]> {
  const found = new Map<string, Secret>();
  for (const selector of [
    { labelSelector: SEALING_KEY_LABEL },
    { fieldSelector: `metadata.name=${DEFAULT_KEY_PREFIX}` },
  ]) {
    await allowed({ verb: 'list', resource: 'secrets', namespace }, () =>
      api.list(SECRETS, { namespace, ...selector }, (item) => {
        if (!item.ok) context.warn(`(left out: ${item.failure.describe()})`);
        else if (isFromSealedSecret(item.object))
          context.warn(`(left out: the Secret ${item.object.metadata.name} was made by a SealedSecret)`);
        else found.set(item.object.metadata.name, item.object);
      }),
    );
  }
  return [...found.values()].filter((secret) => hasPrivateKey(secret, context));
}

/** A Secret with the label but without a key is no key: it could never be verified. */
function hasPrivateKey(secret: Secret, context: CliContext): boolean {
  if (privateKeyText(secret) !== '') return true;
  context.warn(`(left out: the Secret ${secret.metadata.name} has no tls.key)`);
  return false;
}
