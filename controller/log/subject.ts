import { showRef, type Ref } from '../../shared/kubernetes/api/ref.ts';

/** Returns the name of a SealedSecret in logs and errors: `SealedSecret NAMESPACE/NAME`. */
export function subjectOf(ref: Ref): string {
  return `SealedSecret ${showRef(ref)}`;
}
