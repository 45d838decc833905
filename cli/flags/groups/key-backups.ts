import type { FlagDefinition } from '../flag.ts';

const GROUP = 'Backups of sealing keys:';
const BACKUP_USERS = ['keys backup', 'keys verify-backup', 'keys restore'] as const;

/** The flags about backups of sealing keys. */
export const KEY_BACKUP_FLAGS = [
  {
    name: 'recipient',
    kind: 'list',
    split: 'whole',
    placeholder: 'recipient',
    group: GROUP,
    commands: ['keys backup'],
    help: 'encrypt to this age recipient (age1…); repeatable',
  },
  {
    name: 'recipients-file',
    kind: 'list',
    split: 'whole',
    placeholder: 'file',
    completes: 'file',
    group: GROUP,
    commands: ['keys backup'],
    help: 'encrypt to the age recipients in this file, one on each line; repeatable',
  },
  {
    name: 'identity',
    kind: 'list',
    split: 'whole',
    placeholder: 'file',
    completes: 'file',
    group: GROUP,
    commands: BACKUP_USERS,
    help: 'decrypt with the age identities in this file; repeatable',
  },
  {
    name: 'passphrase',
    kind: 'switch',
    group: GROUP,
    commands: BACKUP_USERS,
    help: 'ask for the passphrase of the backup on the terminal',
  },
  {
    name: 'passphrase-file',
    kind: 'file',
    placeholder: 'file',
    completes: 'file',
    group: GROUP,
    commands: BACKUP_USERS,
    help: 'read the passphrase of the backup from this file',
  },
  {
    name: 'plain',
    kind: 'switch',
    group: GROUP,
    commands: ['keys backup'],
    help: 'do not encrypt the backup',
  },
  {
    name: 'against',
    kind: 'list',
    split: 'whole',
    placeholder: 'cluster|folder',
    completes: 'file',
    group: GROUP,
    commands: ['keys verify-backup'],
    help: "compare with the cluster's keys and SealedSecrets, or try the SealedSecrets in this folder; repeatable",
  },
] as const satisfies readonly FlagDefinition[];
