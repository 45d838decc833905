import type { Metadata, OwnerReference } from '../../shared/api/metadata.ts';
import type { Secret } from '../../shared/api/secret.ts';
import type { Applied } from '../../shared/api/status.ts';
import type { Api, Ref } from '../../shared/cluster/api.ts';
import { ApiError } from '../../shared/cluster/api-error.ts';
import { SECRETS } from '../../shared/cluster/kinds.ts';
import type { WriteGate } from '../../shared/cluster/write-gate.ts';
import { secretJson } from '../../shared/manifest/write.ts';
import { appliedOf, plan, type KeyPlace } from './plan.ts';
import type { Outcome } from './outcome.ts';

export interface Applier {
  readonly api: Api;
  readonly gate: WriteGate;
  readonly keys: KeyPlace;
  /** Is told of every Secret read or written, so that the watch can tell when it goes. */
  readonly noted: (object: Metadata) => void;
}

const ATTEMPTS = 5;

/**
 * Makes the Secret what it shall be: the only place where Secrets of users are written. Ownership is decided on a
 * copy read just before, and the write carries that copy's version; when it has changed meanwhile, all is decided
 * anew.
 */
export async function apply(
  applier: Applier,
  owner: Metadata,
  applied: Applied | undefined,
  want: Secret,
  signal: AbortSignal,
): Promise<Outcome> {
  const { api, gate, keys, noted } = applier;
  const ref: Ref = { namespace: owner.namespace, name: owner.name };
  for (let attempt = 1; ; attempt++) {
    const have = await api.get(SECRETS, ref, signal);
    if (have) noted(have.metadata);
    const decided = plan(owner, applied, want, have, keys);
    if (decided.action === 'refuse') return { state: 'failed', failure: decided.failure };
    if (decided.action === 'nothing') {
      return { state: 'synced', action: 'unchanged', applied: appliedOf(owner, decided.secret) };
    }
    const create = decided.action === 'create';
    const body = secretBody(decided.secret, decided.owners, create);
    try {
      const secret = await api.write(
        { verb: create ? 'create' : 'replace', kind: SECRETS, ref, body },
        gate,
        signal,
      );
      noted(secret.metadata);
      return { state: 'synced', action: create ? 'created' : 'updated', applied: appliedOf(owner, secret) };
    } catch (error) {
      // Not found: it was deleted since it was read.
      const changed =
        error instanceof ApiError && (error.status === 409 || (!create && error.status === 404));
      if (!changed || attempt === ATTEMPTS) throw error;
    }
  }
}

function secretBody(secret: Secret, owners: readonly OwnerReference[], create: boolean): object {
  const { uid, resourceVersion } = secret.metadata.server;
  const { metadata, ...rest } = secretJson(secret);
  const preconditions = create ? {} : { uid, resourceVersion };
  const ownerReferences = owners.map(({ controller, ...reference }) =>
    controller ? { ...reference, controller } : reference,
  );
  return { ...rest, metadata: { ...metadata, ...preconditions, ownerReferences } };
}
