import type { Applied, Reason } from '../../shared/api/status.ts';
import { isObjectFailure, type ObjectFailure } from '../../shared/api/errors.ts';
import type { Failure } from '../../shared/errors.ts';
import { isKubernetesFailure, type KubernetesFailure } from '../../shared/kubernetes/errors.ts';
import { describeMissing } from '../../shared/seal/describe-missing.ts';
import { isReconcileFailure, type ReconcileFailure } from './errors.ts';
import { isSealFailure, type SealFailure } from '../../shared/seal/errors.ts';
import type { MissingItems } from '../../shared/seal/missing.ts';

/** The result of reconciling an existing SealedSecret. */
export type Outcome =
  | {
      readonly state: 'synced';
      readonly applied: Applied | undefined;
      readonly action: 'created' | 'updated' | 'repaired' | 'unchanged';
      /** The items that templates refer to and that do not exist. Their output is the reference's, such as `<no value>`. */
      readonly missing?: MissingItems;
    }
  /** The Secret was repaired recently: the next repair waits for `after`, in ms. */
  | {
      readonly state: 'postponed';
      readonly applied: Applied | undefined;
      readonly after: number;
      readonly missing?: MissingItems;
    }
  | { readonly state: 'failed'; readonly failure: Failure };

export type { Reason } from '../../shared/api/status.ts';

/** Returns the message of the condition and the event about missing items, or undefined if there are none. */
export function missingMessage(outcome: Outcome): string | undefined {
  if (outcome.state === 'failed' || outcome.missing === undefined || outcome.missing.count === 0)
    return undefined;
  return describeMissing(outcome.missing);
}

/** How the controller reports a failure, and when it tries again. */
export interface Handling {
  readonly reason: Reason;
  /** When to retry: on a timer, on a new key, on a change of the Secret, or only on a change of the SealedSecret. */
  readonly retryOn: 'time' | 'key' | 'secret' | 'never';
  readonly event: 'ErrUnsealFailed' | 'ErrUpdateFailed';
}

/** Returns the condition's reason, the event's reason and the retry rule for a failure. */
export function handlingOf(failure: Failure): Handling {
  if (isSealFailure(failure)) return handlingOfSealed(failure.details);
  if (isReconcileFailure(failure)) return handlingOfRefusal(failure.details);
  if (isObjectFailure(failure)) return handlingOfObject(failure.details);
  if (isKubernetesFailure(failure)) return handlingOfRequest(failure.details);
  return updateFailed('time');
}

function handlingOfSealed(details: SealFailure['details']): Handling {
  switch (details.code) {
    case 'Unseal': {
      const codes = new Set(details.problems.map((problem) => problem.code));
      if (codes.has('Template')) return unsealFailed('TemplateError');
      if (codes.has('NoKey')) return { ...unsealFailed('NoKey'), retryOn: 'key' };
      return unsealFailed(codes.has('WrongScope') ? 'WrongScope' : 'InvalidData');
    }
    case 'SecretTooLarge':
    case 'V1DataNotASecret':
    case 'NoEncryptedItems':
      return unsealFailed('InvalidData');
    case 'NoTemplateProcess':
      return updateFailed('time');
    // These concern sealing and keys, not a reconcile.
    case 'NoName':
    case 'NoItems':
    case 'NoNamespace':
    case 'KeyMismatch':
    case 'V1DataInPlace':
      return updateFailed('time');
  }
}

function handlingOfRefusal(details: ReconcileFailure['details']): Handling {
  switch (details.code) {
    case 'V1DataRefused':
    case 'BadItemName':
      return unsealFailed('InvalidData');
    case 'NotManaged':
      return { reason: 'NotManaged', retryOn: 'secret', event: 'ErrUpdateFailed' };
    case 'PatchedSecretGone':
      return { reason: 'PatchedSecretGone', retryOn: 'secret', event: 'ErrUpdateFailed' };
    case 'Immutable':
    case 'TypeChange':
      return { reason: 'Immutable', retryOn: 'secret', event: 'ErrUpdateFailed' };
    case 'UnfitForType':
      // A patched Secret keeps its own type and items, which others may change.
      return { ...unsealFailed('InvalidData'), retryOn: details.patched ? 'secret' : 'never' };
    case 'PlantedKey':
    case 'PrivilegedType':
      return { reason: 'Refused', retryOn: 'secret', event: 'ErrUpdateFailed' };
  }
}

function handlingOfObject({ code }: ObjectFailure['details']): Handling {
  switch (code) {
    case 'WrongType':
    case 'DeepNesting':
    case 'DuplicateField':
    case 'BadName':
    case 'Missing':
      return unsealFailed('InvalidData');
    // An answer of the API server that is not what was requested.
    case 'NotUtf8':
    case 'WrongKind':
    case 'WrongVersion':
    case 'BadBase64':
      return updateFailed('time');
  }
}

function handlingOfRequest(details: KubernetesFailure['details']): Handling {
  if (details.code !== 'ApiRefused') return updateFailed('time');
  // The Secret stays too large until the SealedSecret is edited (RFC 9110, section 15.5.14).
  if (details.status === 413) return updateFailed('never');
  // Validation errors with fields come from the API server's own rules, which do not change. A webhook's may.
  return updateFailed(details.status === 422 && details.fields.length > 0 ? 'secret' : 'time');
}

function unsealFailed(reason: Reason): Handling {
  return { reason, retryOn: 'never', event: 'ErrUnsealFailed' };
}

function updateFailed(retryOn: Handling['retryOn']): Handling {
  return { reason: 'UpdateFailed', retryOn, event: 'ErrUpdateFailed' };
}
