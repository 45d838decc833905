import { fail } from '../errors.ts';
import { showPlace } from './place.ts';
import type { Reader } from './reader.ts';

export const SEALED_SECRET_VERSION = 'bitnami.com/v1alpha1';

/** Refuses a document of another kind or API version. */
export function checkKind(
  document: Reader,
  wanted: string,
  wantedVersion: string,
  options: { readonly kindRequired: boolean },
): void {
  const at = showPlace(document.place);
  const kind = document.string('kind');
  if (kind === undefined) {
    if (options.kindRequired) fail({ code: 'Missing', at: showPlace(document.at('kind')) });
  } else if (kind !== wanted) {
    fail({ code: 'WrongKind', at, kind, wanted });
  }
  const version = document.string('apiVersion');
  if (version !== undefined && version !== wantedVersion) {
    fail({ code: 'WrongVersion', at, version, wanted: wantedVersion });
  }
}
