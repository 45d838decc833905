import { fullName } from '../../shared/api/metadata.ts';
import type { Secret } from '../../shared/api/secret.ts';
import type { Fingerprint } from '../../shared/crypto/fingerprint.ts';
import { parsePrivateKey, type PrivateKey } from '../../shared/crypto/private-key.ts';
import { SealedSecretsError } from '../../shared/errors.ts';
import { ApiError } from '../../shared/kubernetes/api/api-error.ts';
import type { Api, Ref } from '../../shared/kubernetes/api/api.ts';
import { SECRETS } from '../../shared/kubernetes/api/kinds.ts';
import { secretJson } from '../../shared/manifest/write.ts';
import { keyLabelOf, privateKeyText } from '../../shared/seal/stored-key.ts';
import { allowed } from '../keys/rights.ts';
import { fail } from './errors.ts';

/** A key of a backup in the cluster. */
export interface Restored {
  readonly ref: Ref;
  readonly fingerprint: Fingerprint;
  /** Whether the Secret was created, or would be in a dry run. It was there otherwise. */
  readonly created: boolean;
  /** What its label says of its use, such as `active`. */
  readonly state: string;
  /** How the Secret in the cluster differs, although it has the same key; empty if it does not. */
  readonly difference: string;
}

/** Where to restore keys to. */
export interface RestoreTarget {
  /** Undefined for the namespace that the backup names. */
  readonly namespace: string | undefined;
  /** The namespace for keys whose backup names none. */
  readonly fallback: string;
  readonly dryRun: boolean;
}

/** Returns the Secret that a key is restored to. */
export function targetOf({ metadata }: Secret, { namespace, fallback }: RestoreTarget): Ref {
  return { name: metadata.name, namespace: namespace ?? (metadata.namespace || fallback) };
}

/**
 * Creates the Secret of a key with its name, labels, annotations, type and data. Never changes one that exists. Throws
 * `SecretDiffers` for an existing Secret of another key, `NotRestored` and `NotAllowed`.
 */
export async function restoreKey(
  api: Api,
  {
    secret,
    key: { fingerprint },
    target,
  }: { readonly secret: Secret; readonly key: PrivateKey; readonly target: RestoreTarget },
): Promise<Restored> {
  const ref = targetOf(secret, target);
  const state = keyLabelOf(secret.metadata) ?? '';
  const { namespace } = ref;
  const existing = await allowed({ verb: 'get', resource: 'secrets', namespace }, () =>
    api.get(SECRETS, ref),
  );
  if (existing !== null) {
    if ((await fingerprintIn(existing)) !== fingerprint) fail({ code: 'SecretDiffers', ...ref });
    const there = keyLabelOf(existing.metadata) ?? 'without the label of a key';
    const difference = there === state ? '' : `there it is ${there}, in the backup ${state}`;
    return { ref, fingerprint, created: false, state: there, difference };
  }
  if (!target.dryRun) await create(api, secret, ref);
  return { ref, fingerprint, created: true, state, difference: '' };
}

async function create(api: Api, secret: Secret, ref: Ref): Promise<void> {
  // Finalizers are promises of another cluster's controllers, which nobody may be there to keep.
  const { metadata, ...rest } = secretJson({ ...secret, metadata: { ...secret.metadata, finalizers: [] } });
  const body = { ...rest, metadata: { ...metadata, ...ref } };
  try {
    await allowed({ verb: 'create', resource: 'secrets', namespace: ref.namespace }, () =>
      api.write({ verb: 'create', kind: SECRETS, ref, body }),
    );
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 409 && error.reason === 'AlreadyExists') fail({ code: 'SecretDiffers', ...ref });
    fail({ code: 'NotRestored', ...ref, reason: error.failure.describe() });
  }
}

async function fingerprintIn(secret: Secret): Promise<Fingerprint | undefined> {
  try {
    return (await parsePrivateKey(privateKeyText(secret), fullName(secret.metadata))).fingerprint;
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    return undefined;
  }
}
