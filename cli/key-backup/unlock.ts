import { usageError } from '../flags/usage-error.ts';
import type { CliContext } from '../context.ts';
import { readFileBytes, sourceOf } from '../io/input.ts';
import { openHiddenInput } from '../values/hidden-input.ts';
import { parseBackup, type BackupSecret } from './backup-file.ts';
import { decryptBackup, type Unlock } from './encryption.ts';
import { readIdentities } from './identities.ts';
import { readBackupBytes } from './limit.ts';

/** The flags that say how to open a backup. */
export interface UnlockOptions {
  readonly identities: readonly string[];
  /** Whether to ask for a passphrase. */
  readonly passphrase: boolean;
  readonly passphraseFile: string | undefined;
}

const FLAG = '--passphrase';

/** Reads a passphrase from a file, without the line break at its end. Throws `Usage` if it is empty. */
export async function readPassphraseFile(path: string): Promise<string> {
  const passphrase = (await readFileBytes(path)).toString('utf8').replace(/\r?\n$/, '');
  return passphrase === '' ? usageError(`--passphrase-file: ${path} is empty`) : passphrase;
}

/** Asks for a passphrase on the terminal, for a new one twice, and shows nothing. Throws `Usage` as `openHiddenInput`. */
export async function askPassphrase(isNew: boolean): Promise<string> {
  const input = openHiddenInput(FLAG);
  try {
    const passphrase = await input.ask('Passphrase: ');
    if (passphrase === '') usageError(`${FLAG}: the passphrase is empty`);
    if (isNew && (await input.ask('Passphrase again: ')) !== passphrase)
      usageError(`${FLAG}: the two passphrases differ; nothing was written`);
    return passphrase;
  } finally {
    input.close();
  }
}

/** Reads what the flags say opens a backup. Throws as `readIdentities`, `readPassphraseFile` and `askPassphrase`. */
export async function readUnlock(options: UnlockOptions): Promise<Unlock> {
  const { identities: files, passphrase, passphraseFile } = options;
  return {
    identities: files.length === 0 ? undefined : await readIdentities(files),
    passphrase:
      passphraseFile === undefined
        ? passphrase
          ? await askPassphrase(false)
          : undefined
        : await readPassphraseFile(passphraseFile),
  };
}

/**
 * Reads the key Secrets of a backup, encrypted or plain. Throws as `decryptBackup` and `parseBackup`.
 *
 * @param path undefined for stdin
 */
export async function readBackup(
  path: string | undefined,
  unlock: Unlock,
  context: CliContext,
): Promise<readonly BackupSecret[]> {
  const at = sourceOf(path);
  const bytes = await readBackupBytes(path, context);
  const text = await decryptBackup(bytes, { ...unlock, at }, context);
  try {
    return parseBackup(text, at, context);
  } finally {
    text.fill(0);
  }
}
