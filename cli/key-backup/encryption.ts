import { Decrypter, Encrypter } from 'age-encryption';
import type { CliContext } from '../context.ts';
import { encryptedTo, isAge, withoutArmor } from './age-header.ts';
import { runAge } from './age-program.ts';
import { fail } from './errors.ts';
import type { Identities } from './identities.ts';
import type { Recipient } from './recipients.ts';

// Loads the library of age; only the commands about backups import this file.

/** What to encrypt a backup to; `plain` leaves it as it is. */
export type Lock =
  | { readonly kind: 'recipients'; readonly recipients: readonly Recipient[] }
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  | { readonly kind: 'plain' };

/** What may open a backup. */
export interface Unlock {
  readonly identities: Identities | undefined;
  readonly passphrase: string | undefined;
}

/** Encrypts a backup. Throws what `runAge` throws if a recipient is not one of age itself. */
export async function encryptBackup(text: Buffer, lock: Lock, context: CliContext): Promise<Buffer> {
  if (lock.kind === 'plain') return text;
  const encrypter = new Encrypter();
  if (lock.kind === 'passphrase') {
    encrypter.setPassphrase(lock.passphrase);
    return Buffer.from(await encrypter.encrypt(text));
  }
  const foreign = lock.recipients.find(({ isNative }) => !isNative);
  if (foreign !== undefined) {
    const args = ['--encrypt', ...lock.recipients.flatMap(({ text }) => ['--recipient', text])];
    return runAge({ verb: 'encrypt', args, input: text, what: foreign.from }, context);
  }
  for (const { text } of lock.recipients) encrypter.addRecipient(text);
  return Buffer.from(await encrypter.encrypt(text));
}

/**
 * Decrypts a backup, and returns a plain one as it is. All of it is authenticated before any of it is returned. Throws
 * `Locked`, `NotForIdentities`, `WrongPassphrase`, `WorkFactor` or `Damaged`, and what `runAge` throws if an identity is not
 * one of age itself.
 *
 * @param at the file, for messages
 */
export async function decryptBackup(
  bytes: Buffer,
  { identities, passphrase, at }: Unlock & { readonly at: string },
  context: CliContext,
): Promise<Buffer> {
  if (!isAge(bytes)) return bytes;
  const binary = withoutArmor(bytes, at);
  const to = encryptedTo(binary, at);
  if (to === 'passphrase') {
    if (passphrase === undefined) fail({ code: 'Locked', at, to });
    return decrypt(binary, { to, at }, (decrypter) => decrypter.addPassphrase(passphrase));
  }
  if (identities === undefined) fail({ code: 'Locked', at, to });
  const { files, texts, foreign } = identities;
  if (foreign !== undefined) {
    const args = ['--decrypt', ...files.flatMap((file) => ['--identity', file])];
    return runAge({ verb: 'decrypt', args, input: binary, what: foreign }, context);
  }
  return decrypt(binary, { to, at }, (decrypter) => {
    for (const text of texts) decrypter.addIdentity(text);
  });
}

/** The message of the library when no identity or passphrase fits. All others are about the file. */
const NO_MATCH = 'no identity matched';

async function decrypt(
  bytes: Buffer,
  { to, at }: { readonly to: 'recipients' | 'passphrase'; readonly at: string },
  unlock: (decrypter: Decrypter) => void,
): Promise<Buffer> {
  const decrypter = new Decrypter();
  unlock(decrypter);
  try {
    return Buffer.from(await decrypter.decrypt(bytes));
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith(NO_MATCH))) return fail({ code: 'Damaged', at });
    return fail({ code: to === 'passphrase' ? 'WrongPassphrase' : 'NotForIdentities', at });
  }
}
