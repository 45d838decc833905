import { PATCH, SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import type { SealedSecret } from '../../shared/api/sealed-secret.ts';
import type { Secret } from '../../shared/api/secret.ts';
import type { Failure } from '../../shared/errors.ts';

/** What a SealedSecret may do here. */
export interface Rules {
  readonly keys: KeyPlace;
  /** Whether what others change in a Secret is restored. */
  readonly repair: boolean;
  readonly allowPrivilegedSecretTypes: boolean;
}

/** Where sealing keys live, and the name that is one whatever its labels. */
export interface KeyPlace {
  readonly namespace: string;
  readonly legacyName: string;
}

/** Whether all that it has is the deprecated `spec.data`, which `--accept-deprecated-v1-data=false` refuses. */
export function isDeprecated({ v1Data, encryptedData }: SealedSecret): boolean {
  return v1Data !== undefined && encryptedData.size === 0;
}

/** Why this Secret is not made or changed by any SealedSecret. */
export function forbidden(want: Secret, have: Secret | null, rules: Rules): Failure | undefined {
  return touchedKey(want, have, rules.keys) ?? badItemName(want) ?? privilegedType(want, have, rules);
}

/**
 * Who may write SealedSecrets in the controller's namespace must neither make a key that others then seal with, nor
 * take one out of use.
 */
function touchedKey(want: Secret, have: Secret | null, keys: KeyPlace): Failure | undefined {
  const { name, namespace } = want.metadata;
  if (namespace !== keys.namespace) return undefined;
  if (want.metadata.labels.has(SEALING_KEY_LABEL)) {
    return { code: 'PlantedKey', problem: `the template has the label ${SEALING_KEY_LABEL}` };
  }
  if (name === keys.legacyName)
    return { code: 'PlantedKey', problem: `${name} is the name of a sealing key` };
  if (have?.metadata.labels.has(SEALING_KEY_LABEL)) {
    return { code: 'PlantedKey', problem: `the Secret ${name} is a sealing key` };
  }
  return undefined;
}

/** https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data */
const ITEM_NAME = /^[-._a-zA-Z0-9]{1,253}$/;

/** Whether a Secret can have an item of the name. */
export function isItemName(name: string): boolean {
  return ITEM_NAME.test(name) && name !== '.' && !name.startsWith('..');
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
  // A Secret that is patched keeps its type.
  const patched = have?.metadata.annotations.get(PATCH) === 'true' ? have : undefined;
  const { type } = patched ?? want;
  return PRIVILEGED.has(type) ? { code: 'PrivilegedType', type } : undefined;
}
