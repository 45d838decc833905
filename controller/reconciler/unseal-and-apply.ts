import type { StoredSealedSecret } from '../../shared/api/sealed-secret.ts';
import { isFingerprint, type Fingerprint } from '../../shared/crypto/fingerprint.ts';
import { Failure, failureOf } from '../../shared/errors.ts';
import type { Ref } from '../../shared/kubernetes/api/api.ts';
import type { Decrypter } from '../../shared/seal/open-items.ts';
import { unseal, type Renderer } from '../../shared/seal/unseal.ts';
import type { KeyUses } from '../keys/key-uses.ts';
import { subjectOf } from '../log/subject.ts';
import { reconcileFailure } from '../status/errors.ts';
import type { Outcome } from '../status/outcome.ts';
import { knownStatus, type StatusPublisher } from '../status/publish-status.ts';
import type { Signals } from '../workqueue/result.ts';
import { isDeprecated } from './admission.ts';
import { apply, type ApplyContext } from './apply.ts';
import { countUnsealed } from './count.ts';
import { RefusedWrite } from './refused-write.ts';

/** The dependencies and settings of `unsealAndApply`. */
export interface UnsealContext
  extends ApplyContext, Pick<StatusPublisher, 'metrics' | 'lastReported' | 'updateStatus'> {
  /** Returns the decrypter for one object, which takes turns with those of other objects. */
  readonly decrypterFor: (ref: Ref) => Decrypter;
  /** Returns the template renderer for one object, which takes turns with those of other objects. */
  readonly rendererFor: (ref: Ref) => Renderer;
  /** Whether to unseal objects that have only the deprecated `spec.data`. */
  readonly acceptV1Data: boolean;
  /** Whether the status quotes messages of the API server, with values redacted. */
  readonly showApiMessages: boolean;
  readonly keyUses: KeyUses;
}

/**
 * Unseals a SealedSecret and writes its Secret. Returns the outcome, or `stale` if the object has changed meanwhile.
 *
 * Rejects only when `stop` aborts.
 */
export async function unsealAndApply(
  stored: StoredSealedSecret,
  context: UnsealContext,
  { stop, stale }: Signals,
): Promise<Outcome | 'stale'> {
  const { metadata, sealed } = stored;
  if (sealed instanceof Failure) return { state: 'failed', failure: sealed };
  if (isDeprecated(sealed) && !context.acceptV1Data) {
    return { state: 'failed', failure: reconcileFailure({ code: 'V1DataRefused' }) };
  }
  try {
    const result = await unseal(sealed, {
      decrypter: context.decrypterFor(metadata),
      renderer: context.rendererFor(metadata),
      place: { source: subjectOf(metadata) },
      signal: stale,
      likelyKeys: openedBefore(stored),
    });
    countUnsealed(metadata, result, context.metrics);
    context.keyUses.opened(metadata, result.ok ? result.unsealed.openedBy.values() : []);
    if (!result.ok) return { state: 'failed', failure: result.failure };
    const { unsealed } = result;
    const status = knownStatus(stored, context);
    const outcome = await apply({ owner: metadata, status, unsealed }, context, stop);
    return outcome.state === 'failed' ? outcome : { ...outcome, missing: unsealed.missing };
  } catch (error) {
    if (stop.aborted) throw error;
    if (stale.aborted) return 'stale';
    const failure =
      error instanceof RefusedWrite
        ? error.failureFor(sealed, context.showApiMessages)
        : failureOf(error, 'reconcile');
    return { state: 'failed', failure };
  }
}

/** Returns the keys that opened the items the last time. Someone else may have written the status: it proves nothing. */
function openedBefore({ status }: StoredSealedSecret): readonly Fingerprint[] {
  return (status.applied?.keys ?? []).filter(isFingerprint);
}
