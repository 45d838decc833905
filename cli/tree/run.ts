import { Failure } from '../../shared/errors.ts';
import { counted, joined } from '../../shared/text.ts';
import type { CliContext } from '../context.ts';
import { findTree, readTreeFile, type TreeFile } from '../files/tree.ts';
import type { TreeOptions } from '../flags/options.ts';
import { failuresIn, SeveralFailures } from '../for-each.ts';
import { inParallel } from '../in-parallel.ts';
import type { Progress } from '../io/progress.ts';

/** What holds connections or other resources. */
export interface Closable {
  close(): void;
}

/** Prepares work that needs nothing but the file. */
export function prepareNothing(): Promise<Closable> {
  return Promise.resolve({ close: () => undefined });
}

/** What to do with every file of a tree. */
export interface TreeWork<Tools extends Closable> {
  /** For how many files to work at once. */
  readonly limit: number;
  readonly progress: Progress;
  /** Returns what the work on these files needs. It is closed at the end. */
  readonly prepare: (files: readonly string[]) => Promise<Tools>;
  /** Works on a file with at least one SealedSecret. Throws the failures of SealedSecrets in it. */
  readonly work: (file: TreeFile, tools: Tools) => Promise<void>;
}

/** What a tree holds, and what went wrong. */
export interface TreeOutcome {
  readonly failures: readonly Failure[];
  /** How many SealedSecrets were found, apart from those in files that cannot be read. */
  readonly sealed: number;
  /** How many files hold them. */
  readonly files: number;
  /** How many of the SealedSecrets failed. */
  readonly failed: number;
  /** How many files were not looked at, since the work ended early. */
  readonly left: number;
}

/**
 * Works on every file of a tree, also after failures; ends early after one that would repeat for every file. Warns if the
 * tree holds no SealedSecret.
 */
export async function overTree<Tools extends Closable>(
  { paths, ...options }: TreeOptions,
  { limit, progress, prepare, work }: TreeWork<Tools>,
  context: CliContext,
): Promise<TreeOutcome> {
  const tree = await findTree(paths, options);
  const tools = await prepare(tree.files);
  const counts = { sealed: 0, files: 0, failed: 0, left: tree.files.length };
  progress.start(tree.files.length);
  const visit = async (path: string): Promise<void> => {
    counts.left--;
    const file = await readTreeFile(path);
    if (file.sealed.length > 0) {
      counts.sealed += file.sealed.length;
      counts.files++;
      try {
        await work(file, tools);
      } catch (error) {
        counts.failed += failuresIn(error)?.length ?? 0;
        throw error;
      }
    }
    progress.step();
  };
  let failures: readonly Failure[];
  try {
    failures = await inParallel(tree.files, limit, visit);
  } catch (error) {
    if (!(error instanceof SeveralFailures)) throw error;
    ({ failures } = error);
  } finally {
    progress.end();
    tools.close();
  }
  const outcome = { ...counts, failures: [...tree.failures, ...failures] };
  if (outcome.sealed === 0 && outcome.failures.length === 0)
    context.warn(`warning: no SealedSecrets in ${joined(paths)}`);
  return outcome;
}

/** Returns `212 SealedSecrets in 87 files`. */
export function describeTree({ sealed, files }: TreeOutcome): string {
  return `${counted(sealed, 'SealedSecret')} in ${counted(files, 'file')}`;
}

/** Returns how many files could not be read or were not looked at, as the end of a summary. Empty if there are none. */
export function describeRest({ failures, failed, left }: TreeOutcome): string {
  const unread = failures.length - failed;
  return [
    ...(unread > 0 ? [`; ${counted(unread, 'file')} could not be read`] : []),
    ...(left > 0 ? [`; ${counted(left, 'file')} not looked at`] : []),
  ].join('');
}
