import { Failure, SealedSecretsError, type DetailsIn, type Wording } from '../../shared/errors.ts';

/** The messages about a Secret that the controller must not write, by code. */
const WORDING = {
  NotManaged: (f: { name: string }) =>
    `failed update: Resource "${f.name}" already exists and is not managed by SealedSecret`,
  PatchedSecretGone: (f: { name: string }) =>
    `failed update: the Secret "${f.name}", which this SealedSecret patches, does not exist; ` +
    `create it with the annotation sealedsecrets.bitnami.com/patch: "true" and the controller patches it again`,
  Immutable: (f: { namespace: string; name: string }) =>
    `Error updating ${f.namespace}/${f.name}: the target Secret is immutable; delete it and the controller recreates it`,
  TypeChange: (f: { namespace: string; name: string }) =>
    `Error updating ${f.namespace}/${f.name}: the type of a Secret cannot change; delete it and the controller recreates it`,
  PrivilegedType: (f: { type: string }) =>
    `refused: a Secret of type ${f.type} grants rights to its creator; only a controller started with ` +
    `--allow-privileged-secret-types creates one`,
  V1DataRefused: () => `using deprecated 'data' field, use 'encryptedData' or flip the feature flag`,
  PlantedKey: (f: { problem: string }) =>
    `refused: ${f.problem}: a SealedSecret cannot create or change a sealing key`,
  BadItemName: (f: { item: string }) =>
    `no Secret can have an item named "${f.item}": letters, digits, "-", "_" and "." are allowed`,
  UnfitForType: (f: { problem: string; patched: boolean }) =>
    `${f.problem}: the API server refuses it otherwise`,
} satisfies Wording;

/** A failure about a Secret that the controller must not write. */
export type ReconcileFailure = Failure<DetailsIn<typeof WORDING>>;

/** Returns a failure about a Secret that the controller must not write. */
export function reconcileFailure(details: ReconcileFailure['details']): ReconcileFailure {
  return new Failure(details, WORDING);
}

/** Throws a failure about a Secret that the controller must not write, as `SealedSecretsError`. */
export function fail(details: ReconcileFailure['details']): never {
  throw new SealedSecretsError(reconcileFailure(details));
}

/** Whether a failure is about a Secret that the controller must not write. */
export function isReconcileFailure(failure: Failure): failure is ReconcileFailure {
  return failure.isOneOf(WORDING);
}
