import type { ParsedFlags } from '../flags/parsed-flags.ts';
import { usageError } from '../flags/usage-error.ts';
import type { UnlockOptions } from './unlock.ts';

/** Reads the flags that say how to open a backup. */
export function unlockOptions(flags: ParsedFlags): UnlockOptions {
  return {
    identities: flags.list('identity'),
    passphrase: flags.on('passphrase'),
    passphraseFile: flags.text('passphrase-file'),
  };
}

/** Throws `Usage` if flags that say how to open a backup contradict each other. */
export function checkUnlock({ passphrase, passphraseFile }: UnlockOptions): void {
  if (passphrase && passphraseFile !== undefined)
    usageError('--passphrase and --passphrase-file cannot be used together');
}
