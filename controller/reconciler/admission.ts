import { PATCH, SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import { isItemName } from '../../shared/api/item-name.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Secret } from '../../shared/api/secret.ts';
import { typeProblem } from '../../shared/api/secret-type.ts';
import { reconcileFailure, type ReconcileFailure } from '../status/errors.ts';
import { tooLarge } from '../../shared/seal/secret-size.ts';
import { DEFAULT_KEY_PREFIX, PRIVATE_KEY_ITEM } from '../../shared/seal/stored-key.ts';
import { merge } from './merge.ts';
import { type SealFailure } from '../../shared/seal/errors.ts';

/** What this controller allows a SealedSecret to do. */
export interface Rules {
  readonly keys: KeyLocation;
  /** Whether to restore fields of a Secret that other clients have changed. */
  readonly repair: boolean;
  /** Whether to write Secrets of the types that grant a token or node credentials. */
  readonly allowPrivilegedSecretTypes: boolean;
}

/** Where this controller keeps its sealing keys. */
export interface KeyLocation {
  readonly namespace: string;
  /** The prefix of the names of key Secrets. A Secret with exactly this name is a key, whatever its labels. */
  readonly prefix: string;
}

/** Why the controller refuses to write a Secret. */
export type Refusal = ReconcileFailure | SealFailure;

/** Whether a SealedSecret has only the deprecated `spec.data`, which `--accept-deprecated-v1-data=false` refuses. */
export function isDeprecated({ v1Data, encryptedData }: Omit<SealedSecret, 'template'>): boolean {
  return v1Data !== undefined && encryptedData.size === 0;
}

/**
 * Returns why no SealedSecret may create or change this Secret, or undefined if one may.
 *
 * @param existing the Secret in the cluster, if there is one that the SealedSecret may otherwise write
 */
export function admissionFailure(
  desired: Secret,
  existing: Secret | null,
  rules: Rules,
): Refusal | undefined {
  return (
    sealingKey(desired, existing, rules.keys) ??
    badItemName(desired) ??
    privilegedType(desired, existing, rules) ??
    invalidSecret(desired, existing)
  );
}

/**
 * Permission to write SealedSecrets must not allow anyone to create, change or disable a sealing key, neither of this
 * controller nor of a controller in another namespace.
 */
function sealingKey(desired: Secret, existing: Secret | null, keys: KeyLocation): Refusal | undefined {
  const { name } = desired.metadata;
  if (desired.metadata.labels.has(SEALING_KEY_LABEL)) {
    return reconcileFailure({
      code: 'PlantedKey',
      problem: `the template has the label ${SEALING_KEY_LABEL}`,
    });
  }
  if (existing?.metadata.labels.has(SEALING_KEY_LABEL)) {
    return reconcileFailure({ code: 'PlantedKey', problem: `the Secret ${name} is a sealing key` });
  }
  if (hasLegacyName(desired, existing, keys)) {
    return reconcileFailure({ code: 'PlantedKey', problem: `${name} is the name of a sealing key` });
  }
  if (desired.metadata.namespace === keys.namespace && name.startsWith(keys.prefix)) {
    return reconcileFailure({
      code: 'PlantedKey',
      problem: `names that start with ${keys.prefix} are reserved for sealing keys`,
    });
  }
  return undefined;
}

/**
 * A controller treats a Secret whose name equals its key prefix as a key, whatever its labels. The prefixes of other
 * controllers are unknown, so this checks the default and our own prefix, and only Secrets with a private key.
 */
function hasLegacyName(desired: Secret, existing: Secret | null, keys: KeyLocation): boolean {
  const { name, namespace } = desired.metadata;
  if (name === keys.prefix && namespace === keys.namespace) return true;
  const holdsKey = desired.data.has(PRIVATE_KEY_ITEM) || existing?.data.has(PRIVATE_KEY_ITEM) === true;
  return holdsKey && (name === keys.prefix || name === DEFAULT_KEY_PREFIX);
}

function badItemName(desired: Secret): Refusal | undefined {
  const item = [...desired.data.keys()].find((name) => !isItemName(name));
  return item === undefined ? undefined : reconcileFailure({ code: 'BadItemName', item });
}

/**
 * Kubernetes issues a token for a Secret of the first type, and accepts one of the second as a node's credentials.
 * Permission to write SealedSecrets must not grant either (compare CVE-2026-42876 in External Secrets).
 */
const PRIVILEGED_TYPES: ReadonlySet<string> = new Set([
  'kubernetes.io/service-account-token',
  'bootstrap.kubernetes.io/token',
]);

function privilegedType(desired: Secret, existing: Secret | null, rules: Rules): Refusal | undefined {
  if (rules.allowPrivilegedSecretTypes) return undefined;
  const { type } = patchTarget(existing) ?? desired;
  return PRIVILEGED_TYPES.has(type) ? reconcileFailure({ code: 'PrivilegedType', type }) : undefined;
}

/** Returns why the API server would always refuse the Secret. */
function invalidSecret(desired: Secret, existing: Secret | null): Refusal | undefined {
  const patched = patchTarget(existing);
  const { type, data } = patched === undefined ? desired : merge(desired, patched);
  const problem = typeProblem(type, data);
  if (problem !== undefined)
    return reconcileFailure({ code: 'UnfitForType', problem, patched: patched !== undefined });
  return tooLarge(data);
}

/** Returns the existing Secret if it is patched, since it then keeps its type and its other items. */
function patchTarget(existing: Secret | null): Secret | undefined {
  return existing?.metadata.annotations.get(PATCH) === 'true' ? existing : undefined;
}
