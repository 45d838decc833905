import { counted, joined } from '../../shared/text.ts';
import type { CliContext } from '../context.ts';
import { cliFailure } from '../errors.ts';
import { replaceTreeFile } from '../files/replace.ts';
import type { TreeFile } from '../files/tree.ts';
import type { TreeOptions } from '../flags/options.ts';
import { SeveralFailures } from '../for-each.ts';
import { onInterruption } from '../io/interruption.ts';
import { Progress } from '../io/progress.ts';
import type { PerFile } from '../tree/per-file.ts';
import { describeRest, describeTree, overTree, type TreeOutcome } from '../tree/run.ts';
import { warnOfSizes } from '../warnings/sizes.ts';
import { reEncryptFile, type FileEncrypter, type ReEncryptedFile } from './file.ts';

/** How to re-encrypt a tree. */
export interface TreeReEncryption {
  /** For how many files to work at once. */
  readonly limit: number;
  /** Whether to write: `dry-run` tells what would change, and `check` also fails if something would. */
  readonly mode: 'write' | 'dry-run' | 'check';
  /** Whether changed SealedSecrets get a hint at their new key. */
  readonly keyHint: boolean;
  /** Returns what re-encrypts the files, which warns through the context. */
  readonly encrypters: (files: readonly string[], context: CliContext) => Promise<PerFile<FileEncrypter>>;
}

/**
 * Re-encrypts what is not known to be sealed with the newest key, in every file of a tree. Each file is replaced whole or
 * not at all. Tells each changed file, unless a terminal shows the progress, and prints a summary. Throws
 * `SeveralFailures` at the end if a file failed, and in the mode `check` if one would change.
 */
export async function reEncryptTree(
  tree: TreeOptions,
  { limit, mode, keyHint, encrypters: encryptersFor }: TreeReEncryption,
  outer: CliContext,
): Promise<void> {
  const isDry = mode !== 'write';
  const progress = new Progress(isDry ? 'checked' : 're-encrypted', 0, { unit: 'files', clock: outer.clock });
  const context = progress.below(outer);
  const prepare = (files: readonly string[]): Promise<PerFile<FileEncrypter>> =>
    encryptersFor(files, context);
  const newest = new Set<string>();
  const counts = { changed: 0, current: 0, files: 0 };
  const work = async (file: TreeFile, encrypters: PerFile<FileEncrypter>): Promise<void> => {
    const { encrypter, record } = encrypters.of(file.file);
    const result = await reEncryptFile(file, { encrypter, keyHint, record });
    const { changed, items } = result;
    if (items > 0 && mode !== 'check') {
      const text = result.text();
      if (!isDry) await replaceTreeFile(file, text, 're-encrypted');
      warnOfSizes(changed, { data: true }, context);
    }
    counts.changed += changed.length;
    counts.current += file.sealed.length - changed.length;
    if (items === 0) return;
    if (mode === 'check') newest.add(await encrypter.fingerprint());
    counts.files++;
    if (isDry || !progress.isShown) context.warn(describeFile(file.file, result, isDry));
  };
  const cancel = onInterruption(() => {
    progress.end();
    outer.warn(
      `interrupted: re-encrypted ${counted(counts.files, 'file')} of ${progress.total}; all others are as they were; run it again to go on`,
    );
  });
  try {
    const outcome = await overTree(tree, { limit, progress, prepare, work }, outer);
    const summary = describeOutcome(outcome, counts, isDry);
    const failures = [...outcome.failures];
    if (mode === 'check' && counts.changed > 0) {
      const fingerprint = joined([...newest]);
      failures.push(cliFailure({ code: 'NotNewest', count: counts.changed, fingerprint }));
    }
    if (failures.length > 0) throw new SeveralFailures(failures, summary);
    outer.warn(summary);
  } finally {
    cancel();
  }
}

function describeFile(file: string, { items, kept }: ReEncryptedFile, isDry: boolean): string {
  const what = `${counted(items, 'item')} ${isDry ? 'to re-encrypt' : 're-encrypted'}`;
  return `${file}: ${what}${kept === 0 ? '' : `, ${kept} untouched`}`;
}

interface Counts {
  readonly changed: number;
  /** How many SealedSecrets are sealed with the newest key. */
  readonly current: number;
}

function describeOutcome(outcome: TreeOutcome, { changed, current }: Counts, isDry: boolean): string {
  const { sealed, failed } = outcome;
  // In a file with a failure, the other SealedSecrets stay as they are, too.
  const beside = sealed - changed - current - failed;
  const counts = [
    `${changed} ${isDry ? 'to re-encrypt' : 're-encrypted'}`,
    `${current} with the newest key`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(beside > 0 ? [`${beside} left as they were beside those`] : []),
  ];
  return `${describeTree(outcome)}: ${counts.join(', ')}${describeRest(outcome)}`;
}
