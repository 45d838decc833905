import { copyFileSync, constants, existsSync, linkSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { fileFailure, systemCode, systemReason } from '../../shared/file-errors.ts';
import { SealedSecretsError, type Failure } from '../../shared/errors.ts';
import { temporaryBeside, writeTemporary } from '../../shared/replace-file.ts';
import { cliFailure, fail } from '../errors.ts';
import { SeveralFailures } from '../for-each.ts';
import { onInterruption } from './interruption.ts';
import { modeOf, resolveLink } from './output.ts';

/** A file to replace. */
export interface Replacement {
  readonly path: string;
  readonly content: string;
  /** The bytes that the new content was made from; undefined if it was made from nothing in the file. */
  readonly before: Uint8Array | undefined;
}

/** A replacement with its temporary files: the new content, and the old one in case another file fails. */
interface Step extends Replacement {
  readonly target: string;
  readonly temporary: string;
  readonly backup: string;
}

/**
 * Replaces several files, all or none of them, each atomically as `replaceRegularFile` does. Writes every new content
 * beside its file first. If a file cannot be replaced then, restores those that were replaced already. A process that is
 * killed between two replacements leaves whole files, some of them new. Throws `UnwritableFile`, and
 * `ChangedSinceRead` if a file has other bytes than `before`.
 */
export async function replaceTogether(replacements: readonly Replacement[]): Promise<void> {
  const steps: Step[] = [];
  for (const each of replacements) {
    const target = await resolveLink(each.path);
    steps.push({ ...each, target, temporary: temporaryBeside(target), backup: temporaryBeside(target) });
  }
  const temporaries = new Set(steps.flatMap(({ temporary, backup }) => [temporary, backup]));
  const clean = (): void => temporaries.forEach(remove);
  const cancel = onInterruption(clean);
  try {
    for (const step of steps) {
      const { content, target, temporary } = step;
      await naming(step, async () => writeTemporary(content, { temporary, mode: await modeOf(target) }));
    }
    // Nothing has to be restored if the only file cannot be replaced.
    if (steps.length > 1) for (const step of steps) await naming(step, () => keepBackup(step));
    // Synchronous from here on, so that no signal is handled in between.
    for (const step of steps) refuseChanged(step);
    renameAll(steps, (backup) => temporaries.delete(backup));
  } finally {
    clean();
    cancel();
  }
}

/** Does something with the file of a step. Throws `UnwritableFile`, which names it, for a system error. */
async function naming(step: Step, work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new SealedSecretsError(unwritable(step, error));
  }
}

function unwritable({ path }: Step, error: unknown): Failure {
  return fileFailure({ code: 'UnwritableFile', path, reason: systemReason(systemCode(error)) });
}

/** Gives the old file a second name. A file that does not exist gets none. */
function keepBackup({ target, backup }: Step): void {
  try {
    linkSync(target, backup);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    // Some file systems have no links, and some users may not link the files of others.
    copyFileSync(target, backup, constants.COPYFILE_EXCL);
  }
}

function refuseChanged({ path, target, before }: Step): void {
  if (before !== undefined && !holds(target, before)) fail({ code: 'ChangedSinceRead', at: path });
}

function holds(target: string, bytes: Uint8Array): boolean {
  try {
    return readFileSync(target).equals(bytes);
  } catch {
    return false;
  }
}

/**
 * Renames the temporary files, one after the other. After a failure, restores the files that were replaced. Calls
 * `keep` with the backup of a file that cannot be restored.
 */
function renameAll(steps: readonly Step[], keep: (backup: string) => void): void {
  for (const [index, step] of steps.entries()) {
    try {
      renameSync(step.temporary, step.target);
    } catch (error) {
      const failed = steps.slice(0, index).flatMap((done) => restore(done, keep) ?? []);
      throw new SeveralFailures([unwritable(step, error), ...failed]);
    }
  }
}

/** Restores a file. Returns why that failed; undefined if it did not. */
function restore({ path, target, backup }: Step, keep: (backup: string) => void): Failure | undefined {
  const existed = existsSync(backup);
  try {
    if (existed) renameSync(backup, target);
    else rmSync(target);
    return undefined;
  } catch (error) {
    const reason = systemReason(systemCode(error));
    if (!existed) return cliFailure({ code: 'NotRemoved', at: path, reason });
    keep(backup);
    return cliFailure({ code: 'NotRestored', at: path, reason, backup });
  }
}

/** Removes a temporary file, if it is there. In a folder that cannot be written any more, it stays. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Nothing else can be done about it.
  }
}
