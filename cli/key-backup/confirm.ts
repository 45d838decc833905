import { usageError } from '../flags/usage-error.ts';
import { confirm } from '../io/confirm.ts';

/** Asks on the terminal whether to write private keys as they are. Throws `Usage` without a terminal, or if it is not. */
export async function confirmPlain(file: string): Promise<void> {
  const answer = await confirm(
    `Anyone who can read ${file} can decrypt every SealedSecret of this cluster. Write the keys unencrypted?`,
  );
  if (answer === undefined)
    usageError('--plain writes the private keys unencrypted: confirm it with --yes, or use --recipient');
  if (!answer) usageError('nothing was written');
}
