import { Failure, SealedSecretsError, type DetailsIn, type Wording } from '../../shared/errors.ts';
import { counted, joined } from '../../shared/text.ts';

/** What a backup is encrypted to. */
export type EncryptedTo = 'recipients' | 'passphrase';

const UNLOCKS: Readonly<Record<EncryptedTo, string>> = {
  recipients: 'encrypted to recipients: name the file with an identity of one of them with --identity',
  passphrase: 'encrypted with a passphrase: use --passphrase or --passphrase-file',
};

/** Why a key in a backup is of no use. */
const FAULTS = {
  unreadable: 'its private key cannot be read',
  certificate: 'it has no certificate of its private key that can seal',
  envelope: 'it does not open what its certificate sealed',
} as const;

/** Why a key in a backup is of no use. */
export type Fault = keyof typeof FAULTS;

/** The messages about backups of keys, by code. */
const WORDING = {
  BadRecipient: (f: { from: string }) => `${f.from} is not an age recipient: one begins with age1`,
  SecretRecipient: (f: { from: string }) =>
    `${f.from} is an age identity, which decrypts and must stay secret: a recipient begins with age1, and ` +
    'age-keygen -y prints it',
  NoRecipients: (f: { path: string }) => `${f.path} holds no age recipient`,
  MixedRecipients: () =>
    'the recipients are of two kinds: a classical one (age1…) would undo the protection of a post-quantum one ' +
    '(age1pq1…); use one kind only',
  BadIdentity: (f: { path: string; line: number }) =>
    `${f.path}: line ${f.line} is not an age identity: one begins with AGE-SECRET-KEY-1`,
  NoIdentities: (f: { path: string }) => `${f.path} holds no age identity`,
  NeedsAge: (f: { what: string }) =>
    `${f.what} takes the program age, which is not on PATH: install it (https://age-encryption.org) with its plugin`,
  AgeFailed: (f: { verb: string; how: string }) =>
    `the program age could not ${f.verb} the backup: it ended with ${f.how}`,
  Locked: (f: { at: string; to: EncryptedTo }) => `${f.at} is ${UNLOCKS[f.to]}`,
  NotForIdentities: (f: { at: string }) =>
    `${f.at} is encrypted to other recipients: none of the identities opens it, or it was changed`,
  WrongPassphrase: (f: { at: string }) =>
    `${f.at} does not open with this passphrase: it is another one, or the file was changed`,
  WorkFactor: (f: { at: string; max: number }) =>
    `${f.at} asks for more work than 2^${f.max} scrypt rounds: it is refused, since it would take too long and too ` +
    'much memory',
  Damaged: (f: { at: string }) =>
    `${f.at} is damaged: it was cut short or changed after it was encrypted; nothing in it is used`,
  NotABackup: (f: { at: string; problem: string }) => `${f.at} is not a backup of keys: ${f.problem}`,
  BackupExists: (f: { path: string }) =>
    `${f.path} exists: write another file, or replace this one with --force`,
  NotReadBack: (f: { path: string }) =>
    `${f.path} was written but is not what was written when it is read back: do not rely on it`,
  NoKeys: (f: { namespace: string }) =>
    `there are no sealing keys in the namespace ${f.namespace}: set --controller-namespace to that of the controller`,
  FaultyKey: (f: { at: string; secret: string; fault: Fault }) =>
    `${f.at}: the key in the Secret ${f.secret} is of no use: ${FAULTS[f.fault]}`,
  MissingKeys: (f: { at: string; keys: readonly string[] }) =>
    `${f.at} lacks ${counted(f.keys.length, 'key')} of the cluster: ${joined(f.keys)}`,
  OtherCluster: (f: { at: string; count: number }) =>
    `${f.at} has none of the ${counted(f.count, 'key')} of the cluster: it is a backup of another one`,
  NotOpened: (f: { at: string; object: string; items: readonly string[]; known: string }) =>
    `${f.at} does not open ${f.object}: no key in it opens ${joined(f.items)}${f.known}`,
  SecretDiffers: (f: { namespace: string; name: string }) =>
    `the Secret ${f.namespace}/${f.name} exists with other content: it is left as it is, and its key was not restored`,
  NotRestored: (f: { namespace: string; name: string; reason: string }) =>
    `cannot create the Secret ${f.namespace}/${f.name}: ${f.reason}`,
} satisfies Wording;

/** A failure about a backup of keys. */
export type BackupFailure = Failure<DetailsIn<typeof WORDING>>;

/** Returns a failure about a backup of keys. */
export function backupFailure(details: BackupFailure['details']): BackupFailure {
  return new Failure(details, WORDING);
}

/** Throws a failure about a backup of keys, as `SealedSecretsError`. */
export function fail(details: BackupFailure['details']): never {
  throw new SealedSecretsError(backupFailure(details));
}
