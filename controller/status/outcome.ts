import type { Applied } from '../../shared/api/status.ts';
import type { Failure } from '../../shared/errors.ts';
import { describeMissing } from '../../shared/seal/describe-missing.ts';
import type { MissingItems } from '../../shared/seal/missing.ts';

/** How the work on a SealedSecret that is there ended. */
export type Outcome =
  | {
      readonly state: 'synced';
      readonly applied: Applied | undefined;
      readonly action: 'created' | 'updated' | 'repaired' | 'unchanged';
      /** What the templates read and no item is there for; the Secret is as the reference would make it. */
      readonly missing?: MissingItems;
    }
  /** The Secret was repaired shortly before: the next repair waits for `after`, in milliseconds. */
  | {
      readonly state: 'put off';
      readonly applied: Applied | undefined;
      readonly after: number;
      readonly missing?: MissingItems;
    }
  | { readonly state: 'failed'; readonly failure: Failure };

/** The documented words of the `Synced` condition's `reason`: docs/controller.md. */
export type Reason =
  | 'Unsealed'
  | 'Patched'
  | 'Processing'
  | 'NoKey'
  | 'WrongScope'
  | 'InvalidData'
  | 'TemplateError'
  | 'NotManaged'
  | 'PatchedSecretGone'
  | 'Immutable'
  | 'Refused'
  | 'UpdateFailed';

/** Returns what is missing of an outcome, in the words of the condition and the event; undefined where nothing is. */
export function missingWords(outcome: Outcome): string | undefined {
  if (outcome.state === 'failed' || outcome.missing === undefined || outcome.missing.count === 0)
    return undefined;
  return describeMissing(outcome.missing);
}

interface Handling {
  readonly reason: Reason;
  /** What may heal it: time, a key, a change of the Secret, or a change of the SealedSecret alone. */
  readonly retryOn: 'time' | 'key' | 'secret' | 'never';
  readonly event: 'ErrUnsealFailed' | 'ErrUpdateFailed';
}

/** What a failure means for the condition, the next attempt and the event. */
export function handlingOf(failure: Failure): Handling {
  switch (failure.code) {
    case 'Unseal': {
      const codes = new Set(failure.problems.map((problem) => problem.code));
      if (codes.has('Template')) return unsealing('TemplateError');
      if (codes.has('NoKey')) return { ...unsealing('NoKey'), retryOn: 'key' };
      return unsealing(codes.has('WrongScope') ? 'WrongScope' : 'InvalidData');
    }
    case 'SecretTooLarge':
    case 'V1DataNotASecret':
    case 'V1DataRefused':
    case 'NoEncryptedItems':
    case 'WrongType':
    case 'DeepNesting':
    case 'DuplicateField':
    case 'BadName':
    case 'BadItemName':
    case 'Missing':
      return unsealing('InvalidData');
    case 'NotManaged':
      return { reason: 'NotManaged', retryOn: 'secret', event: 'ErrUpdateFailed' };
    case 'PatchedSecretGone':
      return { reason: 'PatchedSecretGone', retryOn: 'secret', event: 'ErrUpdateFailed' };
    case 'Immutable':
    case 'TypeChange':
      return { reason: 'Immutable', retryOn: 'secret', event: 'ErrUpdateFailed' };
    case 'UnfitForType':
      // A Secret that is patched has a type and items of its own.
      return { ...unsealing('InvalidData'), retryOn: failure.patched ? 'secret' : 'never' };
    case 'PlantedKey':
    case 'PrivilegedType':
      return { reason: 'Refused', retryOn: 'secret', event: 'ErrUpdateFailed' };
    case 'ApiRefused':
      // What is too large stays so until someone edits the SealedSecret (RFC 9110, section 15.5.14).
      if (failure.status === 413) return updating('never');
      // What the server's own rules forbid stays forbidden; what a webhook says, nobody knows.
      return updating(failure.status === 422 && failure.fields.length > 0 ? 'secret' : 'time');
    default:
      return updating('time');
  }
}

function unsealing(reason: Reason): Handling {
  return { reason, retryOn: 'never', event: 'ErrUnsealFailed' };
}

function updating(retryOn: Handling['retryOn']): Handling {
  return { reason: 'UpdateFailed', retryOn, event: 'ErrUpdateFailed' };
}
