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
import { appliedOf } from './applied.ts';
import { plan } from './plan.ts';
import type { Rules } from './admission.ts';
import { RefusedWrite } from './refused-write.ts';

/** What `apply` needs to know from the watch of Secrets, and adds to it. */
export interface SecretCache {
  /** Returns whether there is no such Secret, as far as is known. Returns false if nothing is known. */
  isMissing(ref: Ref): boolean;
  /** Records a Secret that was read or written, so that the watch event for this version causes no reconcile. */
  record(secret: Metadata): void;
}

/** The dependencies and settings of `apply`. */
export interface ApplyContext {
  readonly api: Api;
  readonly rules: Rules;
  readonly repairBackoff: RepairBackoff;
  readonly informers: SecretCache;
}

/** A SealedSecret that was unsealed. */
export interface ApplyRequest {
  /** The SealedSecret's metadata. */
  readonly owner: Metadata;
  /** The SealedSecret's status, as last written or kept in memory. */
  readonly status: Status;
  readonly unsealed: Unsealed;
}

const MAX_ATTEMPTS = 5;

/**
 * Creates or updates the Secret of a SealedSecret. This is the only function that writes users' Secrets.
 *
 * Each attempt reads the Secret, decides on that copy who owns it, and writes with that copy's version as precondition.
 * After a conflict it starts over. The first attempt creates a Secret without reading it if the watch knows of none: if
 * there is one after all, the API server refuses to create it.
 *
 * @throws RefusedWrite when the API server refuses the write
 * @throws ApiError when the Secret cannot be read
 */
export async function apply(
  { owner, status, unsealed }: ApplyRequest,
  { api, rules, repairBackoff, informers }: ApplyContext,
  signal: AbortSignal,
): Promise<Outcome> {
  const { secret: template, impure, openedBy } = unsealed;
  const ref: Ref = { namespace: owner.namespace, name: owner.name };
  for (let attempt = 1; ; attempt++) {
    const isMissing = attempt === 1 && informers.isMissing(ref);
    const existing = isMissing ? null : await api.get(SECRETS, ref, signal);
    if (existing) informers.record(existing.metadata);
    const planned = plan({ owner, status, template, existing, rules, impure });
    if (planned.action === 'refuse') return { state: 'failed', failure: planned.failure };
    if (planned.action === 'nothing') {
      const applied = appliedOf(owner, { ...planned, openedBy });
      return { state: 'synced', action: 'unchanged', applied };
    }
    const { secret, owners, ownership, repair } = planned;
    const after = repair ? repairBackoff.pause(ref) : 0;
    if (after > 0) return { state: 'postponed', applied: status.applied, after };
    const create = planned.action === 'create';
    const body = secretBody(secret, owners, create);
    try {
      const verb = create ? 'create' : 'replace';
      const written = await api.write({ verb, kind: SECRETS, ref, body }, signal);
      informers.record(written.metadata);
      if (repair) repairBackoff.repaired(ref);
      const applied = appliedOf(owner, { secret: written, ownership, openedBy });
      return { state: 'synced', action: create ? 'created' : repair ? 'repaired' : 'updated', applied };
    } catch (error) {
      // 404 on a replace: the Secret was deleted after it was read.
      const isConflict =
        error instanceof ApiError && (error.status === 409 || (!create && error.status === 404));
      if (isConflict && attempt < MAX_ATTEMPTS) continue;
      throw error instanceof ApiError ? new RefusedWrite(error, [secret, existing]) : error;
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
