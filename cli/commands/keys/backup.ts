import { stat } from 'node:fs/promises';
import type { Secret } from '../../../shared/api/secret.ts';
import { recordRef } from '../../../shared/key-record/record.ts';
import { counted } from '../../../shared/text.ts';
import type { CliContext } from '../../context.ts';
import type { ParsedFlags } from '../../flags/parsed-flags.ts';
import { usageError } from '../../flags/usage-error.ts';
import { readFileBytes } from '../../io/input.ts';
import { isReplaceable, replaceRegularFile } from '../../io/output.ts';
import { formatBackup } from '../../key-backup/backup-file.ts';
import { readWholeKeys } from '../../key-backup/cluster-keys.ts';
import { confirmPlain } from '../../key-backup/confirm.ts';
import { encryptBackup, type Lock, type Unlock } from '../../key-backup/encryption.ts';
import { fail } from '../../key-backup/errors.ts';
import { checkUnlock, unlockOptions } from '../../key-backup/options.ts';
import { readRecipients } from '../../key-backup/recipients.ts';
import { recordVerified } from '../../key-backup/record.ts';
import {
  askPassphrase,
  readPassphraseFile,
  readUnlock,
  type UnlockOptions,
} from '../../key-backup/unlock.ts';
import { verifyWritten } from '../../key-backup/verify.ts';
import { withApi } from '../../keys/connect.ts';
import { keysOptions, type KeysOptions } from '../../keys/options.ts';
import { defineKeysCommand } from './keys-command.ts';

interface KeysBackupOptions extends KeysOptions, UnlockOptions {
  readonly command: 'keys backup';
  readonly file: string;
  readonly to: Lock['kind'];
  readonly recipients: readonly string[];
  readonly recipientsFiles: readonly string[];
  /** Whether to replace the file if it exists. */
  readonly force: boolean;
  /** Whether `--plain` needs no confirmation. */
  readonly yes: boolean;
}

/** `keys backup`: writes the sealing keys of the cluster to a file, encrypted, and verifies it. */
export const keysBackup = defineKeysCommand<KeysBackupOptions>({ name: 'keys backup', options, run });

function options(flags: ParsedFlags): KeysBackupOptions {
  const read = {
    command: 'keys backup',
    ...keysOptions(flags),
    ...unlockOptions(flags),
    recipients: flags.list('recipient'),
    recipientsFiles: flags.list('recipients-file'),
    force: flags.on('force'),
    yes: flags.on('yes'),
  } as const;
  const plain = flags.on('plain');
  const file = flags.text('sealed-secret-file') ?? usageError('keys backup needs -w FILE');
  checkUnlock(read);
  return { ...read, file, to: lockKind(read, plain) };
}

/** Returns how to encrypt the backup. Throws `Usage` unless the flags say so in exactly one way. */
function lockKind(
  read: UnlockOptions & Pick<KeysBackupOptions, 'recipients' | 'recipientsFiles'>,
  plain: boolean,
): Lock['kind'] {
  const kinds: readonly Lock['kind'][] = [
    ...(read.recipients.length + read.recipientsFiles.length > 0 ? (['recipients'] as const) : []),
    ...(read.passphrase || read.passphraseFile !== undefined ? (['passphrase'] as const) : []),
    ...(plain ? (['plain'] as const) : []),
  ];
  const [kind, another] = kinds;
  if (kind === undefined)
    return usageError(
      'keys backup needs to know who may decrypt it: --recipient age1… or --recipients-file FILE, --passphrase, or --plain',
    );
  if (another !== undefined)
    usageError('keys backup: recipients, a passphrase and --plain cannot be used together');
  if (kind !== 'recipients' && read.identities.length > 0)
    usageError('keys backup: --identity verifies a backup that is encrypted to recipients');
  return kind;
}

async function run(options: KeysBackupOptions, context: CliContext): Promise<void> {
  const { file, controllerNamespace: namespace } = options;
  if (!(await isReplaceable(file)))
    usageError(`keys backup: ${file} is no regular file, which could not be read back`);
  if (!options.force) await refuseExisting(file);
  const recipients =
    options.to === 'recipients' ? await readRecipients(options.recipients, options.recipientsFiles) : [];
  const identities = options.to === 'recipients' ? await readUnlock(options) : undefined;
  await withApi(options, context, async (api) => {
    const secrets = await readWholeKeys(api, namespace, context);
    if (secrets.length === 0) fail({ code: 'NoKeys', namespace });
    // Nobody is asked before the keys are there.
    const lock: Lock =
      options.to === 'recipients' ? { kind: 'recipients', recipients } : await askLock(options);
    await write(file, secrets, { lock, context });
    const unlock: Unlock = identities ?? {
      identities: undefined,
      passphrase: lock.kind === 'passphrase' ? lock.passphrase : undefined,
    };
    const count = counted(secrets.length, 'key');
    if (lock.kind === 'recipients' && unlock.identities === undefined) {
      context.warn(
        `${file}: ${count}, not verified yet; with an identity at hand: ` +
          `kubeseal keys verify-backup ${file} --identity FILE --against cluster`,
      );
      return;
    }
    const keys = await verifyWritten({ file, unlock, secrets }, context);
    context.warn(`${file}: ${count}, verified: read back, and each opens what its certificate seals`);
    await recordVerified(api, { record: recordRef(namespace), keys }, context);
  });
}

/** Throws `BackupExists`. */
async function refuseExisting(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined) fail({ code: 'BackupExists', path });
}

async function askLock({ to, file, yes, passphraseFile }: KeysBackupOptions): Promise<Lock> {
  if (to === 'plain') {
    if (!yes) await confirmPlain(file);
    return { kind: 'plain' };
  }
  const passphrase =
    passphraseFile === undefined ? await askPassphrase(true) : await readPassphraseFile(passphraseFile);
  return { kind: 'passphrase', passphrase };
}

/** Writes the backup, which only its owner can read, and reads it back. Throws `UnwritableFile` or `NotReadBack`. */
async function write(
  file: string,
  secrets: readonly Secret[],
  { lock, context }: { readonly lock: Lock; readonly context: CliContext },
): Promise<void> {
  const text = Buffer.from(formatBackup(secrets));
  const written = await encryptBackup(text, lock, context);
  if (lock.kind !== 'plain') text.fill(0);
  await replaceRegularFile(file, written, true);
  if (!(await readFileBytes(file)).equals(written)) fail({ code: 'NotReadBack', path: file });
}
