import { PATCH, SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import { isItemName } from '../../shared/api/item-name.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Secret } from '../../shared/api/secret.ts';
import { typeProblem } from '../../shared/api/secret-type.ts';
import type { Failure } from '../../shared/errors.ts';
import { tooLarge } from '../../shared/seal/secret-size.ts';
import { DEFAULT_KEY_PREFIX } from '../keys/key-options.ts';
import { PRIVATE_KEY_ITEM } from '../keys/key-secret.ts';
import { merged } from './merge.ts';

/** What a SealedSecret may do here. */
export interface Rules {
  readonly keys: KeyLocation;
  /** Whether what others change in a Secret is restored. */
  readonly repair: boolean;
  readonly allowPrivilegedSecretTypes: boolean;
}

/** Where this controller has its sealing keys. */
export interface KeyLocation {
  readonly namespace: string;
  /** Of the names of its keys. A Secret of exactly this name is a key whatever its labels. */
  readonly prefix: string;
}

/** Whether all that it has is the deprecated `spec.data`, which `--accept-deprecated-v1-data=false` refuses. */
export function isDeprecated({ v1Data, encryptedData }: Omit<SealedSecret, 'template'>): boolean {
  return v1Data !== undefined && encryptedData.size === 0;
}

/** Why this Secret is not made or changed by any SealedSecret. */
export function refusalOf(want: Secret, have: Secret | null, rules: Rules): Failure | undefined {
  return (
    touchedKey(want, have, rules.keys) ??
    badItemName(want) ??
    privilegedType(want, have, rules) ??
    unfit(want, have)
  );
}

/**
 * A user who can write SealedSecrets must neither make a sealing key, nor change one, nor take one out of use: not this
 * controller's, and not that of another one in another namespace.
 */
function touchedKey(want: Secret, have: Secret | null, keys: KeyLocation): Failure | undefined {
  const { name } = want.metadata;
  if (want.metadata.labels.has(SEALING_KEY_LABEL)) {
    return { code: 'PlantedKey', problem: `the template has the label ${SEALING_KEY_LABEL}` };
  }
  if (have?.metadata.labels.has(SEALING_KEY_LABEL)) {
    return { code: 'PlantedKey', problem: `the Secret ${name} is a sealing key` };
  }
  if (hasLegacyName(want, have, keys)) {
    return { code: 'PlantedKey', problem: `${name} is the name of a sealing key` };
  }
  if (want.metadata.namespace === keys.namespace && name.startsWith(keys.prefix)) {
    return { code: 'PlantedKey', problem: `names that begin with ${keys.prefix} are for sealing keys` };
  }
  return undefined;
}

/**
 * A controller takes a Secret with exactly its key prefix as name for a key, whatever the labels. The prefixes of other
 * controllers are not known: the default and our own are assumed, and only a Secret with a private key can be a key.
 */
function hasLegacyName(want: Secret, have: Secret | null, keys: KeyLocation): boolean {
  const { name, namespace } = want.metadata;
  if (name === keys.prefix && namespace === keys.namespace) return true;
  const holdsKey = want.data.has(PRIVATE_KEY_ITEM) || have?.data.has(PRIVATE_KEY_ITEM) === true;
  return holdsKey && (name === keys.prefix || name === DEFAULT_KEY_PREFIX);
}

function badItemName(want: Secret): Failure | undefined {
  const item = [...want.data.keys()].find((name) => !isItemName(name));
  return item === undefined ? undefined : { code: 'BadItemName', item };
}

/**
 * Kubernetes gives a token to who makes a Secret of the first type, and takes the second for a node's credentials: a
 * right to write SealedSecrets is not meant to be one to either (CVE-2026-42876 was that in External Secrets).
 */
const PRIVILEGED: ReadonlySet<string> = new Set([
  'kubernetes.io/service-account-token',
  'bootstrap.kubernetes.io/token',
]);

function privilegedType(want: Secret, have: Secret | null, rules: Rules): Failure | undefined {
  if (rules.allowPrivilegedSecretTypes) return undefined;
  const { type } = patchedBy(have) ?? want;
  return PRIVILEGED.has(type) ? { code: 'PrivilegedType', type } : undefined;
}

/** What the API server refuses each time. */
function unfit(want: Secret, have: Secret | null): Failure | undefined {
  const patched = patchedBy(have);
  const { type, data } = patched === undefined ? want : merged(want, patched);
  const problem = typeProblem(type, data);
  if (problem !== undefined) return { code: 'UnfitForType', problem, patched: patched !== undefined };
  return tooLarge(data);
}

/** The Secret that is there, if it is patched: then it keeps its type and its other items. */
function patchedBy(have: Secret | null): Secret | undefined {
  return have?.metadata.annotations.get(PATCH) === 'true' ? have : undefined;
}
