import type { Applied } from '../../shared/api/status.ts';
import type { Failure } from '../../shared/errors.ts';

/** How the work on a SealedSecret that is there ended. */
export type Outcome =
  | {
      readonly state: 'synced';
      readonly applied: Applied;
      readonly action: 'created' | 'updated' | 'unchanged';
    }
  | { readonly state: 'failed'; readonly failure: Failure };

/** The documented words of the `Synced` condition's `reason`. */
export type Reason =
  | 'Unsealed'
  | 'NoKey'
  | 'InvalidData'
  | 'TemplateError'
  | 'NotManaged'
  | 'Immutable'
  | 'Refused'
  | 'UpdateFailed';

interface Handling {
  readonly reason: Reason;
  /** Whether time may heal it, or only a change of an object. */
  readonly retry: 'timer' | 'change';
  readonly event: 'ErrUnsealFailed' | 'ErrUpdateFailed';
}

/** What a failure means for the condition, the next attempt and the event. */
export function handlingOf(failure: Failure): Handling {
  switch (failure.code) {
    case 'Unseal': {
      const codes = new Set(failure.problems.map((problem) => problem.code));
      if (codes.has('TemplatesUnsupported')) return unsealing('TemplateError');
      return unsealing(codes.has('NoKey') ? 'NoKey' : 'InvalidData');
    }
    case 'DeprecatedV1Data':
    case 'NoEncryptedItems':
    case 'WrongType':
    case 'DuplicateField':
    case 'BadName':
    case 'BadItemName':
    case 'Missing':
      return unsealing('InvalidData');
    case 'NotManaged':
      return { reason: 'NotManaged', retry: 'change', event: 'ErrUpdateFailed' };
    case 'Immutable':
    case 'TypeChange':
      return { reason: 'Immutable', retry: 'change', event: 'ErrUpdateFailed' };
    case 'PlantedKey':
      return { reason: 'Refused', retry: 'change', event: 'ErrUpdateFailed' };
    default:
      return { reason: 'UpdateFailed', retry: 'timer', event: 'ErrUpdateFailed' };
  }
}

function unsealing(reason: Reason): Handling {
  return { reason, retry: 'change', event: 'ErrUnsealFailed' };
}
