import type { NamedCommand } from './commands.ts';

const TASK = 'Look after the sealing keys:';

/** The commands of the group `keys`, in the order of `--help`. */
export const KEY_COMMANDS: readonly NamedCommand[] = [
  {
    name: 'keys list',
    task: TASK,
    usage: '[flags]',
    summary: 'list the sealing keys of the cluster',
    examples: ['keys list', 'keys list -o json --context prod'],
    words: [],
  },
  {
    name: 'keys backup',
    task: TASK,
    usage: '-w FILE [flags]',
    summary: 'back up the sealing keys, encrypted, and verify it',
    examples: [
      'keys backup -w keys.age --recipients-file team.txt --identity id.txt',
      'keys backup -w keys.age --passphrase',
    ],
    words: [],
  },
  {
    name: 'keys verify-backup',
    task: TASK,
    usage: 'FILE [flags]',
    summary: 'check a backup against the cluster or files',
    examples: [
      'keys verify-backup keys.age --identity id.txt --against cluster',
      'keys verify-backup keys.age --identity id.txt --against clusters/prod',
    ],
    words: ['file'],
  },
  {
    name: 'keys restore',
    task: TASK,
    usage: 'FILE [flags]',
    summary: 'restore the keys of a backup, and overwrite none',
    examples: [
      'keys restore keys.age --identity id.txt --dry-run',
      'keys restore keys.age --identity id.txt --context new',
    ],
    words: ['file'],
  },
];
