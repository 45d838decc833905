import type { NamedCommand } from './commands.ts';

const TASK = 'Look after the sealing keys:';

/** The commands of the group `keys`, in the order of `--help`. */
export const KEY_COMMANDS: readonly NamedCommand[] = [
  {
    name: 'keys list',
    task: TASK,
    usage: '[DIR|FILE]... [flags]',
    summary: 'list the sealing keys: state, use and backup of each',
    examples: ['keys list', 'keys list clusters/prod -o wide'],
    words: ['file'],
    repeats: true,
  },
  {
    name: 'keys usage',
    task: TASK,
    usage: '[DIR|FILE]... [flags]',
    summary: 'tell which key sealed which object, in cluster and files',
    examples: ['keys usage', 'keys usage clusters/prod -o json'],
    words: ['file'],
    repeats: true,
  },
  {
    name: 'keys export',
    task: TASK,
    usage: '--public [flags]',
    summary: 'write the certificates of all keys, for auditors',
    examples: ['keys export --public -w certs.pem', 'keys export --public --context prod'],
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
  {
    name: 'keys renew',
    task: TASK,
    usage: '[flags]',
    summary: 'make the controller create a new key, and wait for it',
    examples: ['keys renew', 'keys renew --timeout 5m --context prod'],
    words: [],
  },
  {
    name: 'keys retire',
    task: TASK,
    usage: 'NAME|FINGERPRINT [DIR|FILE]... [flags]',
    summary: 'take a key out of use that nothing needs any more',
    details:
      'Refuses while the cluster or the given files need the key, or may need it. The Secret of the key stays: kubeseal keys unretire takes it back.',
    examples: ['keys retire sealed-secrets-keyx7k2p clusters/prod', 'keys retire SHA256:qL2v --force'],
    words: ['key', 'file'],
    repeats: true,
  },
  {
    name: 'keys unretire',
    task: TASK,
    usage: 'NAME|FINGERPRINT [flags]',
    summary: 'take a retired key into use again',
    examples: ['keys unretire sealed-secrets-keyx7k2p', 'keys unretire SHA256:qL2v'],
    words: ['key'],
  },
  {
    name: 'keys compromised',
    task: TASK,
    usage: 'NAME|FINGERPRINT [DIR|FILE]... [flags]',
    summary: 'renew, tell what a leaked key exposes, and stop its use',
    details:
      'Makes a newer key first, names what was sealed with this one and who wrote it, and labels the key last, if nothing needs it any more: the label takes nothing from who has the key, but a SealedSecret that needs it cannot be unsealed again. Re-encrypting does not help; rotate the values.',
    examples: [
      'keys compromised sealed-secrets-keyx7k2p clusters/prod',
      'keys compromised SHA256:qL2v --yes',
    ],
    words: ['key', 'file'],
    repeats: true,
  },
];
