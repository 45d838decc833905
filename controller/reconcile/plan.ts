import { SEALING_KEY_LABEL } from '../../shared/api/annotations.ts';
import { SEALED_SECRET_VERSION } from '../../shared/api/kind.ts';
import { controllerOf, type Metadata, type OwnerReference } from '../../shared/api/metadata.ts';
import type { Secret } from '../../shared/api/secret.ts';
import type { Applied } from '../../shared/api/status.ts';
import type { Failure } from '../../shared/errors.ts';
import { scopeOf } from '../../shared/seal/scope.ts';

/** What is to be done to the Secret. */
export type Plan =
  | { readonly action: 'create'; readonly secret: Secret; readonly owners: readonly OwnerReference[] }
  | { readonly action: 'update'; readonly secret: Secret; readonly owners: readonly OwnerReference[] }
  | { readonly action: 'nothing'; readonly secret: Secret }
  | { readonly action: 'refuse'; readonly failure: Failure };

/** Where sealing keys live, and the name that is one whatever its labels. */
export interface KeyPlace {
  readonly namespace: string;
  readonly legacyName: string;
}

/**
 * Compares the Secret that a SealedSecret wants with the one there is. Pure: nothing is read or written.
 *
 * A generation is written as a whole when it is new. After that only what it names is restored: the labels,
 * annotations and owners that others add to the Secret are theirs.
 */
export function plan(
  owner: Metadata,
  applied: Applied | undefined,
  want: Secret,
  have: Secret | null,
  keys: KeyPlace,
): Plan {
  const impossible = plantedKey(want, keys) ?? badItemName(want);
  if (impossible) return { action: 'refuse', failure: impossible };
  const ours = ownerReference(owner);
  if (have === null) return { action: 'create', secret: want, owners: [ours] };
  const { name, namespace } = want.metadata;
  if (controllerOf(have.metadata)?.uid !== owner.server.uid) {
    return { action: 'refuse', failure: { code: 'NotManaged', name } };
  }
  const next = isApplied(applied, owner, have) ? restored(want, have) : overwritten(want, have);
  if (isEqual(next, have)) return { action: 'nothing', secret: have };
  if (typeOf(next) !== typeOf(have))
    return { action: 'refuse', failure: { code: 'TypeChange', namespace, name } };
  if (have.immutable && !sameData(next, have)) {
    return { action: 'refuse', failure: { code: 'Immutable', namespace, name } };
  }
  const others = have.metadata.server.ownerReferences.filter((reference) => reference.uid !== ours.uid);
  return { action: 'update', secret: next, owners: [ours, ...others] };
}

/** What the status says of a SealedSecret and the Secret that now is as it shall be. */
export function appliedOf(owner: Metadata, secret: Secret): Applied {
  return {
    sealedSecretUID: owner.server.uid,
    generation: owner.server.generation,
    scope: scopeOf(owner.annotations),
    secretUID: secret.metadata.server.uid,
    secretResourceVersion: secret.metadata.server.resourceVersion,
  };
}

/** Whether this very state of the SealedSecret was applied to this very Secret before. */
export function isApplied(applied: Applied | undefined, owner: Metadata, secret: Secret): boolean {
  const now = appliedOf(owner, secret);
  return (
    applied?.sealedSecretUID === now.sealedSecretUID &&
    applied.generation === now.generation &&
    applied.scope === now.scope &&
    applied.secretUID === now.secretUID
  );
}

/** Who may write SealedSecrets in the controller's namespace must not make a key that others then seal with. */
function plantedKey(want: Secret, keys: KeyPlace): Failure | undefined {
  if (want.metadata.namespace !== keys.namespace) return undefined;
  if (want.metadata.labels.has(SEALING_KEY_LABEL)) {
    return { code: 'PlantedKey', problem: `the template has the label ${SEALING_KEY_LABEL}` };
  }
  if (want.metadata.name === keys.legacyName) {
    return { code: 'PlantedKey', problem: `${keys.legacyName} is the name of a sealing key` };
  }
  return undefined;
}

/** https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data */
const ITEM_NAME = /^[-._a-zA-Z0-9]{1,253}$/;

function badItemName(want: Secret): Failure | undefined {
  const item = [...want.data.keys()].find(
    (name) => !ITEM_NAME.test(name) || name === '.' || name.startsWith('..'),
  );
  return item === undefined ? undefined : { code: 'BadItemName', item };
}

function ownerReference(owner: Metadata): OwnerReference {
  return {
    apiVersion: SEALED_SECRET_VERSION,
    kind: 'SealedSecret',
    name: owner.name,
    uid: owner.server.uid,
    controller: true,
    blockOwnerDeletion: undefined,
  };
}

/** The whole of what is wanted; what applies at creation only stays, and so does the copy that was decided on. */
function overwritten(want: Secret, have: Secret): Secret {
  const { labels, annotations } = want.metadata;
  return {
    ...want,
    immutable: have.immutable,
    metadata: { ...have.metadata, labels, annotations },
  };
}

function restored(want: Secret, have: Secret): Secret {
  const whole = overwritten(want, have);
  return {
    ...whole,
    metadata: {
      ...whole.metadata,
      labels: new Map([...have.metadata.labels, ...want.metadata.labels]),
      annotations: new Map([...have.metadata.annotations, ...want.metadata.annotations]),
    },
  };
}

function isEqual(a: Secret, b: Secret): boolean {
  return (
    sameData(a, b) &&
    typeOf(a) === typeOf(b) &&
    sameMap(a.metadata.labels, b.metadata.labels, (x, y) => x === y) &&
    sameMap(a.metadata.annotations, b.metadata.annotations, (x, y) => x === y)
  );
}

function sameData(a: Secret, b: Secret): boolean {
  return sameMap(a.data, b.data, (x, y) => x.equals(y));
}

function sameMap<T>(
  a: ReadonlyMap<string, T>,
  b: ReadonlyMap<string, T>,
  same: (x: T, y: T) => boolean,
): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    const other = b.get(key);
    if (other === undefined || !same(value, other)) return false;
  }
  return true;
}

/** The API server takes a Secret without a type for an opaque one. */
function typeOf(secret: Secret): string {
  return secret.type === '' ? 'Opaque' : secret.type;
}
