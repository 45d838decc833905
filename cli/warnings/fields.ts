import { fieldWarning } from '../../shared/input/fields.ts';
import type { Document } from '../../shared/manifest/read.ts';
import type { CliContext } from '../context.ts';

/** Warns, in one line, of fields that Kubernetes does not know and ignores. */
export function warnOfFields(
  documents: readonly Document[],
  kind: 'Secret' | 'SealedSecret',
  context: CliContext,
): void {
  const warning = fieldWarning(documents, kind);
  if (warning !== undefined) context.warn(`warning: ${warning}`);
}
