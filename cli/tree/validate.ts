import type { CliContext } from '../context.ts';
import type { TreeFile } from '../files/tree.ts';
import type { TreeOptions } from '../flags/options.ts';
import { forEach, SeveralFailures } from '../for-each.ts';
import { Progress } from '../io/progress.ts';
import type { Verifier } from '../verifier.ts';
import { warnOfFields } from '../warnings/fields.ts';
import { warnOfMissingIn } from '../warnings/missing-items.ts';
import { namesIn } from '../../shared/input/names.ts';
import { warnOfNames } from '../warnings/names.ts';
import type { PerFile } from './per-file.ts';
import { describeTree, describeRest, overTree } from './run.ts';

/** How to validate a tree. */
export interface TreeValidation {
  /** For how many files at once. */
  readonly limit: number;
  /** Returns what validates the files, which warns through the context. */
  readonly verifiers: (files: readonly string[], context: CliContext) => Promise<PerFile<Verifier>>;
}

/**
 * Checks that every SealedSecret of a tree can be unsealed, and prints a summary. Throws `SeveralFailures` if one cannot,
 * or if a file cannot be read.
 */
export async function validateTree(
  tree: TreeOptions,
  { limit, verifiers: verifiersFor }: TreeValidation,
  outer: CliContext,
): Promise<void> {
  const progress = new Progress('validated', 0, { unit: 'files', clock: outer.clock });
  const context = progress.below(outer);
  const prepare = (files: readonly string[]): Promise<PerFile<Verifier>> => verifiersFor(files, context);
  const work = async ({ file, sealed: all }: TreeFile, verifiers: PerFile<Verifier>): Promise<void> => {
    warnOfFields(
      all.map(({ document }) => document),
      'SealedSecret',
      context,
    );
    warnOfNames(
      all.map(({ sealed, document }) => namesIn(sealed, document.place)),
      context,
    );
    for (const { sealed, document } of all) await warnOfMissingIn(sealed, document.place, context);
    await forEach(all, ({ sealed, document }) => verifiers.of(file).verify(sealed, document));
  };
  const outcome = await overTree(tree, { limit, progress, prepare, work }, outer);
  const { sealed, failed, failures } = outcome;
  const counts = `${sealed - failed} valid${failed === 0 ? '' : `, ${failed} failed`}`;
  const summary = `${describeTree(outcome)}: ${counts}${describeRest(outcome)}`;
  if (failures.length > 0) throw new SeveralFailures(failures, summary);
  outer.warn(summary);
}
