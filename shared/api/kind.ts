import { fail } from './errors.ts';
import { showPlace } from './place.ts';
import type { Reader } from './reader.ts';

/** The API version of SealedSecrets. */
export const SEALED_SECRET_VERSION = 'bitnami.com/v1alpha1';

/** The expected type of a document. */
export interface ExpectedKind {
  readonly kind: string;
  readonly apiVersion: string;
  /** Whether the document must name its kind. */
  readonly kindRequired: boolean;
}

/** Throws `Missing`, `WrongKind` or `WrongVersion` for a document of another kind or API version. */
export function checkKind(document: Reader, expected: ExpectedKind): void {
  const at = showPlace(document.place);
  const kind = document.string('kind');
  if (kind === undefined) {
    if (expected.kindRequired) fail({ code: 'Missing', at: showPlace(document.at('kind')) });
  } else if (kind !== expected.kind) {
    fail({ code: 'WrongKind', at, kind, wanted: expected.kind });
  }
  const version = document.string('apiVersion');
  if (version !== undefined && version !== expected.apiVersion) {
    fail({ code: 'WrongVersion', at, version, wanted: expected.apiVersion });
  }
}
