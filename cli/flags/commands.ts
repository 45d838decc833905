import { KEY_COMMANDS } from './key-commands.ts';

/** Every command, in the reference's order of precedence among the flags that select them. */
export const COMMAND_NAMES = [
  'version',
  'recovery-unseal',
  'validate',
  're-encrypt',
  'fetch-cert',
  'merge-into',
  'raw',
  'seal',
  'create',
  'set',
  'unset',
  'edit',
  'get',
  'diff',
  'explain',
  'textconv',
  'lint',
  'web',
  'completion',
  'certs update',
  'keys list',
  'keys backup',
  'keys verify-backup',
  'keys restore',
  'keys usage',
  'keys export',
  'keys renew',
  'keys retire',
  'keys unretire',
  'keys compromised',
] as const;

/** The name of a command: one word, or the word of a group and a verb. */
export type CommandName = (typeof COMMAND_NAMES)[number];

/** The headings of commands in `--help`, in order. */
export const TASKS = [
  'Write SealedSecrets:',
  'Read SealedSecrets:',
  'Keep them current:',
  'Look after the sealing keys:',
  'More commands:',
] as const;

/** A word that a command takes besides its flags, for shell completion. An item is one of the file in the first word, a kind one
 * of Secrets. */
export type WordKind = 'cluster' | 'file' | 'item' | 'key' | 'kind' | 'name' | 'shell';

/** A command that the first argument can name, as the help shows it. */
export interface NamedCommand {
  readonly name: CommandName;
  readonly task: (typeof TASKS)[number];
  /** What follows the name of the command. */
  readonly usage: string;
  /** What the command does, in one line of the list of commands. */
  readonly summary: string;
  /** More about it, in the help of the command itself. */
  readonly details?: string;
  /** Command lines, without the name of the program. */
  readonly examples: readonly [string, string];
  /** The words that the command takes. */
  readonly words: readonly WordKind[];
  /** Whether more words like the last one may follow. */
  readonly repeats?: true;
  /** The exit code after an error, where 1 is a result. 1 by default. */
  readonly errorCode?: 2;
}

/** The first word of several commands, which a verb follows. */
export interface CommandGroup {
  readonly name: 'certs' | 'keys';
  /** What the commands are for, in one line. */
  readonly summary: string;
  /** Command lines, without the name of the program. */
  readonly examples: readonly [string, string];
}

/** The groups of commands. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  {
    name: 'certs',
    summary: 'look after the certificates in a repository',
    examples: ['certs update', 'certs update --check'],
  },
  {
    name: 'keys',
    summary: 'look after the sealing keys of a controller',
    examples: ['keys list', 'keys usage clusters/prod'],
  },
];

/** The commands that the first argument can name, in the order of `--help`. Flags select the other ones. */
export const NAMED_COMMANDS: readonly NamedCommand[] = [
  {
    name: 'create',
    task: 'Write SealedSecrets:',
    usage: 'generic|docker-registry|tls NAME [flags]',
    summary: 'make a SealedSecret of values',
    examples: [
      'create generic db -n shop --prompt password -w db.yaml',
      'create docker-registry pull -n shop --username bot -w pull.yaml',
    ],
    words: ['kind', 'name'],
  },
  {
    name: 'seal',
    task: 'Write SealedSecrets:',
    usage: '[FILE]... [flags]',
    summary: 'seal Secrets; this is what kubeseal does without a command',
    examples: ['seal db.yaml api.yaml -w sealed.yaml', 'seal --cert cert.pem < secret.yaml > sealed.json'],
    words: ['file'],
    repeats: true,
  },
  {
    name: 'set',
    task: 'Write SealedSecrets:',
    usage: 'FILE KEY=VALUE… | KEY… [flags]',
    summary: 'add or replace values in a SealedSecret in a file',
    examples: ['set db.yaml password --prompt', 'set db.yaml token --value-stdin < token.txt'],
    words: ['file', 'item'],
    repeats: true,
  },
  {
    name: 'unset',
    task: 'Write SealedSecrets:',
    usage: 'FILE KEY… [flags]',
    summary: 'remove items from a SealedSecret in a file',
    examples: ['unset db.yaml token', 'unset db.yaml token user --dry-run'],
    words: ['file', 'item'],
    repeats: true,
  },
  {
    name: 'edit',
    task: 'Write SealedSecrets:',
    usage: 'FILE [flags]',
    summary: 'change the items of a SealedSecret in an editor',
    examples: ['edit db.yaml', 'edit db.yaml --recovery-private-key keys.yaml'],
    words: ['file'],
  },
  {
    name: 'web',
    task: 'Write SealedSecrets:',
    usage: '[NAME[=CERTFILE]]... [flags]',
    summary: 'write a page that seals in a browser, without a network',
    details:
      'The page has the certificates inside, each with the name of its cluster. A NAME without a file is for the certificate of --cert or of the cluster.',
    examples: ['web prod -w seal.html', 'web prod=prod.pem staging=staging.pem -w seal.html'],
    words: ['file'],
    repeats: true,
  },
  {
    name: 'get',
    task: 'Read SealedSecrets:',
    usage: 'FILE [KEY] [flags]',
    summary: 'print the value of one item, or the values of all',
    examples: ['get db.yaml password --recovery-private-key keys.yaml', 'get db.yaml -o json --from-cluster'],
    words: ['file', 'item'],
  },
  {
    name: 'diff',
    task: 'Read SealedSecrets:',
    usage: 'OLD NEW [flags] | FILE --git REV [flags]',
    summary: 'tell how SealedSecrets differ, by item',
    examples: ['diff db.yaml --git HEAD', 'diff old.yaml new.yaml --recovery-private-key keys.yaml'],
    words: ['file', 'file'],
    errorCode: 2,
  },
  {
    name: 'explain',
    task: 'Read SealedSecrets:',
    usage: 'FILE [flags]',
    summary: 'tell what a SealedSecret is and who can unseal it, offline',
    examples: ['explain sealed.yaml', 'explain sealed.yaml --cert cert.pem --cert old.pem -o json'],
    words: ['file'],
  },
  {
    name: 'textconv',
    task: 'Read SealedSecrets:',
    usage: 'FILE',
    summary: 'print a file for git diff, with words in place of ciphertexts',
    examples: ['textconv sealed.yaml', 'textconv - < sealed.yaml'],
    words: ['file'],
  },
  {
    name: 're-encrypt',
    task: 'Keep them current:',
    usage: '[DIR|FILE]... [flags]',
    summary: 're-encrypt SealedSecrets with the newest key',
    examples: ['re-encrypt clusters/prod', 're-encrypt --check clusters/prod --cert cert.pem'],
    words: ['file'],
    repeats: true,
  },
  {
    name: 'validate',
    task: 'Keep them current:',
    usage: '[DIR|FILE]... [flags]',
    summary: 'check whether SealedSecrets can be unsealed',
    examples: ['validate clusters/prod', 'validate -f sealed.yaml --recovery-private-key keys.yaml'],
    words: ['file'],
    repeats: true,
  },
  {
    name: 'fetch-cert',
    task: 'Keep them current:',
    usage: '[flags]',
    summary: "print the cluster's certificate",
    examples: ['fetch-cert > cert.pem', 'fetch-cert --context prod -w cert.pem'],
    words: [],
  },
  {
    name: 'lint',
    task: 'Keep them current:',
    usage: '[DIR|FILE|-]... [flags]',
    summary: 'find plain Secrets and mistakes in SealedSecrets, offline',
    details:
      'Checks the working folder if nothing is named, and searches every file for private keys. Exits with 1 after an error or a warning, and with 2 if something could not be checked. The rules: docs/lint',
    examples: ['lint', 'lint overlays/prod db.yaml --only plaintext-secret'],
    words: ['file'],
    repeats: true,
    errorCode: 2,
  },
  {
    name: 'certs update',
    task: 'Keep them current:',
    usage: '[CLUSTER]... [flags]',
    summary: 'refresh the certificate files of .kubeseal.yaml',
    details:
      'Puts the certificate that each cluster seals with now at the top of its file. Keeps older ones below, by which kubeseal lint knows the older keys of the cluster. With --check, exits with 1 if a certificate is not the newest or expires within 30 days, and with 2 if a cluster cannot be asked.',
    examples: ['certs update', 'certs update prod --check'],
    words: ['cluster'],
    repeats: true,
    errorCode: 2,
  },
  ...KEY_COMMANDS,
  {
    name: 'completion',
    task: 'More commands:',
    usage: 'bash|zsh|fish [flags]',
    summary: 'print a script that completes kubeseal in a shell',
    examples: ['completion bash > /etc/bash_completion.d/kubeseal', 'completion fish -w kubeseal.fish'],
    words: ['shell'],
  },
  {
    name: 'version',
    task: 'More commands:',
    usage: '',
    summary: 'print the version',
    examples: ['version', '--version'],
    words: [],
  },
];

const BY_NAME: ReadonlyMap<string, NamedCommand> = new Map(
  NAMED_COMMANDS.map((command) => [command.name, command] as const),
);

/** Returns the command with a name. */
export function commandNamed(name: string): NamedCommand | undefined {
  return BY_NAME.get(name);
}

/** The command, or the group of commands, that the first arguments name. */
export interface Named {
  readonly command: NamedCommand | undefined;
  /** The group of the first argument. */
  readonly group: CommandGroup | undefined;
  /** How many arguments name the command; those of a group without a verb included. */
  readonly length: number;
}

/** Returns what the first arguments name. */
export function commandAt([first = '', verb = '']: readonly string[]): Named {
  const group = COMMAND_GROUPS.find(({ name }) => name === first);
  const command = commandNamed(group === undefined ? first : `${first} ${verb}`);
  if (command !== undefined) return { command, group, length: group === undefined ? 1 : 2 };
  return { command, group, length: group === undefined ? 0 : 1 };
}

/** Returns the commands of a group, by their verbs. */
export function verbsOf({ name }: CommandGroup): ReadonlyMap<string, NamedCommand> {
  const prefix = `${name} `;
  const commands = NAMED_COMMANDS.filter((command) => command.name.startsWith(prefix));
  return new Map(commands.map((command) => [command.name.slice(prefix.length), command]));
}

/** Returns the words that can come first, each with what it stands for. */
export function firstWords(): readonly (readonly [string, string])[] {
  const single = NAMED_COMMANDS.filter(({ name }) => !name.includes(' '));
  return [...single, ...COMMAND_GROUPS].map(({ name, summary }) => [name, summary]);
}

/** Returns the most words that a command takes. */
export function maxWords({ words, repeats }: NamedCommand): number {
  return repeats ? Number.POSITIVE_INFINITY : words.length;
}
