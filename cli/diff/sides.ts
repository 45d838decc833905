import { SealedSecretsError } from '../../shared/errors.ts';
import { requireDocuments } from '../../shared/manifest/read.ts';
import type { CliContext } from '../context.ts';
import { isSelected, noSuchSealed, sealedDocuments } from '../files/sealed-file.ts';
import type { SealedDocument } from '../../shared/input/sealed-document.ts';
import type { SelectionOptions } from '../flags/options.ts';
import { readBytes, sourceOf } from '../io/input.ts';
import { fileAtRevision } from './git.ts';

/** What to compare: two files, or one file with an older revision of it. Undefined for stdin. */
export type Compared =
  | { readonly old: string | undefined; readonly now: string | undefined }
  | { readonly revision: string; readonly now: string };

/** The SealedSecrets of one side of a comparison. */
export interface Side {
  /** The name of the file in messages. */
  readonly source: string;
  readonly sealed: readonly SealedDocument[];
}

/** Failures of a side without SealedSecrets. */
const EMPTY = ['NoDocument'];
/** An older revision may also hold the Secret that was sealed since. */
const EMPTY_REVISION = [...EMPTY, 'NoneOfKind'];

/**
 * Reads both sides and returns the selected SealedSecrets of each, older first. One side may have none, such as
 * `/dev/null`. Throws `NoDocument` or `NoSuchSealed` if both have none, and the errors of reading files and Git.
 */
export async function readSides(
  compared: Compared,
  options: SelectionOptions,
  context: CliContext,
): Promise<readonly [Side, Side]> {
  const { now } = compared;
  const after = sideOf(
    { source: sourceOf(now), bytes: await readBytes(now, 'SealedSecret', context) },
    EMPTY,
  );
  const before =
    'revision' in compared
      ? sideOf(await fileAtRevision(compared.now, compared.revision, context), EMPTY_REVISION)
      : sideOf(
          { source: sourceOf(compared.old), bytes: await readBytes(compared.old, 'SealedSecret', context) },
          EMPTY,
        );
  const all = [...before.sealed, ...after.sealed];
  requireDocuments(
    all.map(({ document }) => document),
    after.source,
    'SealedSecret',
  );
  if (!all.some((each) => isSelected(each, options))) noSuchSealed(after.source, all);
  return [selected(before, options), selected(after, options)];
}

function sideOf(file: { readonly source: string; readonly bytes: Buffer }, empty: readonly string[]): Side {
  try {
    return { source: file.source, sealed: sealedDocuments(file) };
  } catch (error) {
    if (!(error instanceof SealedSecretsError) || !empty.includes(error.failure.code)) throw error;
    return { source: file.source, sealed: [] };
  }
}

function selected({ source, sealed }: Side, options: SelectionOptions): Side {
  return { source, sealed: sealed.filter((each) => isSelected(each, options)) };
}
