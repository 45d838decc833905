import type { Metadata, OwnerReference } from '../../shared/api/metadata.ts';
import type { Secret } from '../../shared/api/secret.ts';
import type { Status } from '../../shared/api/status.ts';
import type { Api, Ref } from '../../shared/kubernetes/api/api.ts';
import { ApiError } from '../../shared/kubernetes/api/api-error.ts';
import { SECRETS } from '../../shared/kubernetes/api/kinds.ts';
import { secretJson } from '../../shared/manifest/write.ts';
import type { Unsealed } from '../../shared/seal/unseal.ts';
import type { RepairBackoff } from '../workqueue/repair-backoff.ts';
import type { Outcome } from '../status/outcome.ts';
import { appliedOf, plan } from './plan.ts';
import type { Rules } from './admission.ts';
import { RefusedWrite } from './refused-write.ts';

export interface ApplyContext {
  readonly api: Api;
  readonly rules: Rules;
  readonly repairBackoff: RepairBackoff;
  /** Is told of every Secret read or written, so that the watch can tell when it goes. */
  readonly noteSecret: (object: Metadata) => void;
}

const ATTEMPTS = 5;

/**
 * Makes the Secret what it shall be: the only place where Secrets of users are written. Ownership is decided on a
 * copy read just before, and the write carries that copy's version; when it has changed meanwhile, all is decided
 * anew.
 */
export async function apply(
  applier: ApplyContext,
  owner: Metadata,
  status: Status,
  { secret: want, impure }: Unsealed,
  signal: AbortSignal,
): Promise<Outcome> {
  const { api, rules, repairBackoff, noteSecret } = applier;
  const ref: Ref = { namespace: owner.namespace, name: owner.name };
  for (let attempt = 1; ; attempt++) {
    const have = await api.get(SECRETS, ref, signal);
    if (have) noteSecret(have.metadata);
    const decided = plan(owner, status, want, have, rules, impure);
    if (decided.action === 'refuse') return { state: 'failed', failure: decided.failure };
    if (decided.action === 'nothing') {
      const applied = appliedOf(owner, decided.secret, decided.ownership);
      return { state: 'synced', action: 'unchanged', applied };
    }
    const { secret, owners, ownership, repair } = decided;
    const after = repair ? repairBackoff.pause(ref) : 0;
    if (after > 0) return { state: 'put off', applied: status.applied, after };
    const create = decided.action === 'create';
    const body = secretBody(secret, owners, create);
    try {
      const verb = create ? 'create' : 'replace';
      const written = await api.write({ verb, kind: SECRETS, ref, body }, signal);
      noteSecret(written.metadata);
      if (repair) repairBackoff.repaired(ref);
      const applied = appliedOf(owner, written, ownership);
      return { state: 'synced', action: create ? 'created' : repair ? 'repaired' : 'updated', applied };
    } catch (error) {
      // Not found: it was deleted since it was read.
      const changed =
        error instanceof ApiError && (error.status === 409 || (!create && error.status === 404));
      if (changed && attempt < ATTEMPTS) continue;
      throw error instanceof ApiError ? new RefusedWrite(error, [secret, have]) : error;
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
  return {
    ...rest,
    metadata: {
      ...metadata,
      ...preconditions,
      ...(ownerReferences.length === 0 ? {} : { ownerReferences }),
    },
  };
}
