import { SCOPES } from '../../shared/seal/scope.ts';
import type { CommandName } from './commands.ts';
import { GROUPS, type FlagDefinition } from './flag.ts';

const [IO, TREE, SEAL, ITEM, CONTROLLER, OFFLINE, CLUSTER, OTHER] = GROUPS;

const SEALING = ['seal', 'raw', 'merge-into'] as const;
const KNOWN_VALUE_USERS = ['seal', 'merge-into', 'set', 'get', 'edit', 'diff'] as const;
const CERTIFICATE_USERS = [...SEALING, 'create', 'set', 'edit', 'fetch-cert', 're-encrypt'] as const;
const CONTROLLER_USERS = [...CERTIFICATE_USERS, 'validate'] as const;
const KEY_USERS = ['recovery-unseal', 'validate', 're-encrypt', ...KNOWN_VALUE_USERS] as const;
const CLUSTER_USERS = [...CONTROLLER_USERS, 'get', 'diff'] as const;
/** The commands about one SealedSecret of a file, or about those that are chosen. */
const SELECTORS = ['set', 'unset', 'edit', 'get', 'diff', 'explain'] as const;
/** The commands that write a file and can leave it as it is. */
const DRY_RUNNERS = ['create', 'seal', 'merge-into', 'set', 'unset', 'edit', 're-encrypt'] as const;
const FILE_READERS = ['seal', 'merge-into', 'validate', 're-encrypt', 'recovery-unseal'] as const;
const PRINTERS = [
  'create',
  'seal',
  'raw',
  'merge-into',
  'fetch-cert',
  're-encrypt',
  'recovery-unseal',
] as const;

const TREE_USERS = ['validate', 're-encrypt'] as const;
const TREE_REFUSAL = 'is for kubeseal re-encrypt DIR and kubeseal validate DIR';

const CONNECTION = { kind: 'text', group: CLUSTER, commands: CLUSTER_USERS } as const;
/** The names of kubectl. */
const DOCKER = { kind: 'text', group: ITEM, commands: ['create'], hidden: true } as const;
const SELECTED_NAME = 'name of the SealedSecret, if the file holds several';
const SELECTED_NAMESPACE = 'namespace of the SealedSecret, if the file holds several';
const HINT_BY_DEFAULT =
  'record the fingerprint of the key in the annotation sealedsecrets.bitnami.com/sealing-key';
const KLOG = {
  group: OTHER,
  help: 'accepted, without effect',
  commands: [],
  hidden: true,
  commandLineOnly: true,
} as const;
const KEYS_FOR_UNCHANGED = 'find out with these private keys which values did not change; repeatable';
const KEYS_FOR_VALUES =
  'read the values with these private keys: PEM, or key Secrets from the cluster; repeatable';
const REPORT_FORMAT = 'output format: json or yaml, instead of text';
/** The error of commands that use no private keys. */
export const KEYS_REFUSAL =
  '--recovery-private-key requires --recovery-unseal, --re-encrypt, --validate or --keep-unchanged';

/**
 * Every flag, in the order of `--help`. Names such as `port` and `service-host` are not allowed: for a Service named
 * "sealed-secrets", Kubernetes sets environment variables with these names in every pod of its namespace.
 */
const DEFINITIONS = [
  {
    name: 'secret-file',
    short: 'f',
    kind: 'file',
    placeholder: 'file',
    completes: 'file',
    group: IO,
    commands: FILE_READERS,
    help: 'read from this file instead of stdin (-)',
  },
  {
    name: 'sealed-secret-file',
    short: 'w',
    kind: 'file',
    placeholder: 'file',
    completes: 'file',
    group: IO,
    commands: [...PRINTERS, 'completion'],
    help: 'write to this file instead of stdout (-); .yaml and .yml mean YAML',
  },
  {
    name: 'format',
    short: 'o',
    kind: 'text',
    placeholder: 'format',
    choices: ['json', 'yaml'],
    choicesOf: { get: ['yaml', 'json', 'env', 'raw'] },
    anyCase: true,
    group: IO,
    commands: ['create', 'seal', 'merge-into', 're-encrypt', 'recovery-unseal', 'get', 'diff', 'explain'],
    help: 'output format: json or yaml (default: json; a file that is changed in place keeps its format)',
    helpOf: {
      create: 'output format: json or yaml (default: yaml)',
      diff: REPORT_FORMAT,
      explain: REPORT_FORMAT,
      get: 'output format: yaml, json, env (for a shell) or raw (default: raw for one item, otherwise yaml)',
    },
  },
  {
    name: 'document',
    kind: 'text',
    isNumber: true,
    placeholder: 'number',
    group: IO,
    commands: SELECTORS,
    help: 'which document of the file, from 1, if it holds several SealedSecrets',
  },
  {
    name: 'git',
    kind: 'text',
    placeholder: 'revision',
    group: IO,
    commands: ['diff'],
    commandLineOnly: true,
    help: 'compare with this revision of the file in its Git repository',
  },
  {
    name: 'dry-run',
    kind: 'switch',
    group: IO,
    commands: DRY_RUNNERS,
    help: 'change no file; print what would change',
  },
  {
    name: 'allow-disk',
    kind: 'switch',
    group: IO,
    commands: ['edit'],
    help: 'put the values on disk while the editor is open, if there is no folder in memory',
  },
  {
    name: 'force',
    kind: 'switch',
    group: IO,
    commands: ['create'],
    help: 'replace the file of -w if it exists',
  },

  {
    name: 'include',
    kind: 'list',
    split: 'whole',
    placeholder: 'glob',
    group: TREE,
    commands: TREE_USERS,
    refusal: `--include ${TREE_REFUSAL}`,
    help: 'only files that fit this pattern, written as in .gitignore; repeatable',
  },
  {
    name: 'exclude',
    kind: 'list',
    split: 'whole',
    placeholder: 'glob',
    group: TREE,
    commands: TREE_USERS,
    refusal: `--exclude ${TREE_REFUSAL}`,
    help: 'skip files and folders that fit this pattern, written as in .gitignore; repeatable',
  },
  {
    name: 'check',
    kind: 'switch',
    group: TREE,
    commands: ['re-encrypt'],
    refusal: '--check is for kubeseal re-encrypt DIR',
    help: 'change no file; exit with 1 if something is to be re-encrypted',
  },
  {
    name: 'concurrency',
    kind: 'text',
    isNumber: true,
    placeholder: 'number',
    group: TREE,
    commands: TREE_USERS,
    help: 'for how many files to work at once (default: as many as the processor can, or 1 with the controller)',
  },

  {
    name: 'cert',
    kind: 'text',
    repeats: true,
    placeholder: 'file|url',
    completes: 'file',
    group: SEAL,
    commands: [...CERTIFICATE_USERS, 'explain'],
    help: 'seal with this certificate instead of fetching one from the cluster',
    helpOf: { explain: 'tell what these certificates cannot have sealed; repeatable' },
  },
  {
    name: 'cert-fingerprint',
    kind: 'text',
    placeholder: 'fingerprint',
    group: SEAL,
    commands: CERTIFICATE_USERS,
    help: 'refuse a certificate with another fingerprint (SHA256:…)',
  },
  {
    name: 'scope',
    kind: 'text',
    placeholder: 'scope',
    choices: SCOPES,
    group: SEAL,
    commands: [...SEALING, 'create'],
    help: 'where the Secret can be unsealed: strict (only under this name and namespace), namespace-wide or cluster-wide',
  },
  {
    name: 'name',
    kind: 'text',
    placeholder: 'name',
    group: SEAL,
    commands: [...SEALING, ...KEY_USERS, ...SELECTORS],
    help: 'name of the SealedSecret, instead of the name in the Secret',
    helpOf: {
      set: SELECTED_NAME,
      unset: SELECTED_NAME,
      edit: SELECTED_NAME,
      get: SELECTED_NAME,
      diff: SELECTED_NAME,
      explain: SELECTED_NAME,
    },
  },
  {
    name: 'namespace',
    short: 'n',
    kind: 'text',
    placeholder: 'namespace',
    completes: 'namespace',
    group: SEAL,
    commands: [...SEALING, ...KEY_USERS, ...SELECTORS, 'create'],
    help: 'namespace of the SealedSecret, if the Secret has none',
    helpOf: {
      create: 'namespace of the SealedSecret',
      set: SELECTED_NAMESPACE,
      unset: SELECTED_NAMESPACE,
      edit: SELECTED_NAMESPACE,
      get: SELECTED_NAMESPACE,
      diff: SELECTED_NAMESPACE,
      explain: SELECTED_NAMESPACE,
    },
  },
  {
    name: 'allow-empty-data',
    kind: 'switch',
    group: SEAL,
    commands: ['seal', 'merge-into'],
    help: 'allow a Secret without items',
  },
  {
    name: 'key-hint',
    kind: 'switch',
    group: SEAL,
    commands: [...SEALING, 're-encrypt', 'create', 'set', 'edit'],
    help: 'add the fingerprint of the key as the annotation sealedsecrets.bitnami.com/sealing-key',
    helpOf: {
      create: `${HINT_BY_DEFAULT}; =false turns it off`,
      set: `${HINT_BY_DEFAULT}, unless items with an unknown key stay; =false turns it off`,
      edit: `${HINT_BY_DEFAULT}, unless items with an unknown key stay; =false turns it off`,
      're-encrypt': `${HINT_BY_DEFAULT}; on with files or folders, where =false turns it off`,
    },
  },

  {
    name: 'keep-unchanged',
    kind: 'switch',
    group: SEAL,
    commands: ['create', 'seal', 'merge-into', 'set'],
    help: 'keep the ciphertexts in the file for values that did not change, as far as private keys, --from-cluster or a cache of digests of this user tell',
    helpOf: {
      set: 'use a cache of digests of this user to find out which values are there already (default: true)',
      create: 'remember digests of the values, so that set can keep those that do not change (default: true)',
    },
  },

  {
    name: 'raw',
    kind: 'switch',
    group: ITEM,
    commands: ['raw'],
    selects: 'raw',
    help: 'seal one value from stdin or --from-file, and print it as base64',
  },
  {
    name: 'from-file',
    kind: 'list',
    split: 'commas',
    placeholder: 'path',
    completes: 'file',
    group: ITEM,
    commands: ['raw', 'create'],
    refusal: '--from-file requires --raw',
    help: 'with --raw: the file that contains the value',
    helpOf: { create: 'add a file, or each file of a folder, as [KEY=]PATH; repeatable' },
  },
  {
    name: 'value-stdin',
    kind: 'switch',
    group: ITEM,
    commands: ['set'],
    help: 'read the value of the item from stdin, byte for byte',
  },
  {
    name: 'value-file',
    kind: 'file',
    placeholder: 'file',
    completes: 'file',
    group: ITEM,
    commands: ['set'],
    help: 'read the value of the item from this file, byte for byte',
  },
  {
    name: 'prompt',
    kind: 'list',
    split: 'whole',
    switchOf: ['set'],
    placeholder: 'key',
    group: ITEM,
    commands: ['create', 'set'],
    help: 'ask for the value of this item on the terminal, which does not show it; repeatable',
    helpOf: { set: 'ask for the values of the items on the terminal, which does not show them' },
  },
  {
    name: 'from-literal',
    kind: 'list',
    split: 'whole',
    placeholder: 'key=value',
    group: ITEM,
    commands: ['create'],
    help: "add an item with this value, which stays in the shell's history; repeatable",
  },
  {
    name: 'from-env-file',
    kind: 'list',
    split: 'commas',
    placeholder: 'file',
    completes: 'file',
    group: ITEM,
    commands: ['create'],
    help: 'add the items of a file with NAME=VALUE lines; repeatable',
  },
  {
    name: 'type',
    kind: 'text',
    placeholder: 'type',
    group: ITEM,
    commands: ['create'],
    help: 'type of the Secret',
  },
  {
    name: 'label',
    kind: 'list',
    split: 'whole',
    placeholder: 'key=value',
    group: ITEM,
    commands: ['create'],
    help: 'add this label to the Secret; repeatable',
  },
  {
    name: 'annotation',
    kind: 'list',
    split: 'whole',
    placeholder: 'key=value',
    group: ITEM,
    commands: ['create'],
    help: 'add this annotation to the Secret; repeatable',
  },
  {
    name: 'immutable',
    kind: 'switch',
    group: ITEM,
    commands: ['create'],
    help: 'make the Secret immutable',
  },
  {
    name: 'tls-cert',
    kind: 'file',
    placeholder: 'file',
    completes: 'file',
    group: ITEM,
    commands: ['create'],
    help: 'the certificate of a tls Secret, as PEM',
  },
  {
    name: 'tls-key',
    kind: 'file',
    placeholder: 'file',
    completes: 'file',
    group: ITEM,
    commands: ['create'],
    help: 'the private key of a tls Secret, as PEM',
  },
  {
    name: 'password-stdin',
    kind: 'switch',
    group: ITEM,
    commands: ['create'],
    help: 'read the password of a docker-registry Secret from stdin, without the line break at its end',
  },
  {
    name: 'password-file',
    kind: 'file',
    placeholder: 'file',
    completes: 'file',
    group: ITEM,
    commands: ['create'],
    help: 'read the password of a docker-registry Secret from this file, without the line break at its end',
  },
  {
    name: 'email',
    kind: 'text',
    placeholder: 'address',
    group: ITEM,
    commands: ['create'],
    help: 'mail address of a docker-registry Secret',
  },
  {
    ...DOCKER,
    name: 'docker-server',
    placeholder: 'url',
    help: 'the same as --server of a docker-registry Secret',
  },
  { ...DOCKER, name: 'docker-username', placeholder: 'name', help: 'the same as --username' },
  { ...DOCKER, name: 'docker-password', placeholder: 'password', help: 'the same as --password' },
  { ...DOCKER, name: 'docker-email', placeholder: 'address', help: 'the same as --email' },
  {
    name: 'merge-into',
    kind: 'file',
    placeholder: 'file',
    completes: 'file',
    group: ITEM,
    commands: ['merge-into'],
    selects: 'merge-into',
    help: 'seal the items of the input, and add or replace them in the SealedSecret in this file',
  },

  {
    name: 'fetch-cert',
    kind: 'switch',
    group: CONTROLLER,
    commands: ['fetch-cert'],
    selects: 'fetch-cert',
    help: "print the cluster's certificate",
  },
  {
    name: 'validate',
    kind: 'switch',
    group: CONTROLLER,
    commands: ['validate'],
    selects: 'validate',
    help: 'check whether the controller, or --recovery-private-key, can unseal the input',
  },
  {
    name: 're-encrypt',
    kind: 'switch',
    group: CONTROLLER,
    commands: ['re-encrypt'],
    selects: 're-encrypt',
    help: 're-encrypt the input with the newest key; with -f alone, change that file in place',
  },
  {
    name: 'rotate',
    kind: 'switch',
    group: CONTROLLER,
    commands: ['re-encrypt'],
    selects: 're-encrypt',
    hidden: true,
    help: 'the former name of --re-encrypt',
  },
  {
    name: 'controller-name',
    kind: 'text',
    placeholder: 'name',
    default: 'sealed-secrets-controller',
    group: CONTROLLER,
    commands: CONTROLLER_USERS,
    help: "name of the controller's Service",
  },
  {
    name: 'controller-namespace',
    kind: 'text',
    placeholder: 'namespace',
    default: 'kube-system',
    completes: 'namespace',
    group: CONTROLLER,
    commands: CONTROLLER_USERS,
    help: "namespace of the controller's Service",
  },

  {
    name: 'recovery-unseal',
    kind: 'switch',
    group: OFFLINE,
    commands: ['recovery-unseal'],
    selects: 'recovery-unseal',
    help: 'decrypt SealedSecrets with private keys',
  },
  {
    name: 'recovery-private-key',
    kind: 'list',
    split: 'commas',
    placeholder: 'file',
    completes: 'file',
    group: OFFLINE,
    commands: KEY_USERS,
    refusal: KEYS_REFUSAL,
    help: 'private keys as PEM, or as key Secrets from the cluster; repeatable. With --validate, and with --re-encrypt --cert, no cluster is needed',
    helpOf: {
      seal: KEYS_FOR_UNCHANGED,
      set: KEYS_FOR_UNCHANGED,
      get: KEYS_FOR_VALUES,
      edit: KEYS_FOR_VALUES,
      diff: KEYS_FOR_VALUES,
    },
  },
  {
    name: 'from-cluster',
    kind: 'switch',
    group: OFFLINE,
    commands: KNOWN_VALUE_USERS,
    help: 'read the values from the Secret in the cluster, which you need the right to get',
    helpOf: {
      seal: 'with --keep-unchanged: find out from the Secret in the cluster which values did not change',
      set: 'find out from the Secret in the cluster which values are there already',
    },
  },
  {
    name: 'allow-old-certificate',
    kind: 'switch',
    group: OFFLINE,
    commands: ['re-encrypt'],
    help: 'with --re-encrypt --cert: accept a certificate that is older than the newest private key',
  },
  {
    name: 'recovery',
    kind: 'switch',
    group: OFFLINE,
    commands: ['recovery-unseal'],
    selects: 'recovery-unseal',
    hidden: true,
    help: 'the same as --recovery-unseal',
  },
  {
    name: 'private-key',
    kind: 'list',
    split: 'commas',
    placeholder: 'file',
    completes: 'file',
    group: OFFLINE,
    commands: KEY_USERS,
    refusal: KEYS_REFUSAL,
    hidden: true,
    help: 'the same as --recovery-private-key',
  },

  {
    ...CONNECTION,
    name: 'kubeconfig',
    placeholder: 'file',
    completes: 'file',
    help: 'the kubeconfig to use',
  },
  {
    ...CONNECTION,
    name: 'context',
    placeholder: 'name',
    completes: 'context',
    help: 'the kubeconfig context to use',
  },
  { ...CONNECTION, name: 'cluster', placeholder: 'name', help: 'the kubeconfig cluster to use' },
  { ...CONNECTION, name: 'user', placeholder: 'name', help: 'the kubeconfig user to use' },
  {
    ...CONNECTION,
    name: 'server',
    short: 's',
    placeholder: 'url',
    help: 'address of the API server',
    helpOf: { create: 'address of the API server; with docker-registry, the registry (default: Docker Hub)' },
  },
  { ...CONNECTION, name: 'token', placeholder: 'token', help: 'bearer token for the API server' },
  { ...CONNECTION, name: 'as', placeholder: 'user', help: 'user to impersonate' },
  {
    ...CONNECTION,
    name: 'as-group',
    kind: 'list',
    split: 'whole',
    placeholder: 'group',
    help: 'group to impersonate; repeatable',
  },
  { ...CONNECTION, name: 'as-uid', placeholder: 'uid', help: 'UID to impersonate' },
  {
    ...CONNECTION,
    name: 'certificate-authority',
    placeholder: 'file',
    completes: 'file',
    help: "file with the certificate authorities that may sign the API server's certificate",
  },
  {
    ...CONNECTION,
    name: 'client-certificate',
    placeholder: 'file',
    completes: 'file',
    help: 'file with the client certificate',
  },
  {
    ...CONNECTION,
    name: 'client-key',
    placeholder: 'file',
    completes: 'file',
    help: 'file with the private key of the client certificate',
  },
  {
    ...CONNECTION,
    name: 'insecure-skip-tls-verify',
    kind: 'switch',
    help: "do not check the API server's certificate",
  },
  {
    ...CONNECTION,
    name: 'tls-server-name',
    placeholder: 'name',
    help: "name to expect in the API server's certificate",
  },
  {
    ...CONNECTION,
    name: 'proxy-url',
    placeholder: 'url',
    help: 'proxy for connections to the API server',
  },
  {
    ...CONNECTION,
    name: 'request-timeout',
    placeholder: 'duration',
    help: 'how long one request may take, such as 30s or 2m; 0 means no limit',
  },
  {
    ...CONNECTION,
    name: 'disable-compression',
    kind: 'switch',
    help: 'do not request compressed responses from the API server',
  },
  {
    ...CONNECTION,
    name: 'username',
    placeholder: 'name',
    help: 'user name for basic authentication',
    helpOf: { create: 'user name for basic authentication; with docker-registry, at the registry' },
  },
  {
    ...CONNECTION,
    name: 'password',
    placeholder: 'password',
    help: 'password for basic authentication',
    helpOf: {
      create:
        'password for basic authentication; with docker-registry, at the registry; stays in the history of the shell',
    },
  },

  {
    name: 'version',
    kind: 'switch',
    group: OTHER,
    commands: ['version'],
    selects: 'version',
    help: 'print the version',
  },
  {
    name: 'v',
    short: 'v',
    kind: 'text',
    placeholder: 'level',
    group: OTHER,
    commands: CERTIFICATE_USERS,
    commandLineOnly: true,
    help: 'log level; from 1 on, print to stderr which certificate is used',
  },
  { ...KLOG, name: 'vmodule', kind: 'text', placeholder: 'pattern' },
  { ...KLOG, name: 'logtostderr', kind: 'switch' },
  { ...KLOG, name: 'alsologtostderr', kind: 'switch' },
  { ...KLOG, name: 'stderrthreshold', kind: 'text', placeholder: 'severity' },
  { ...KLOG, name: 'log_dir', kind: 'text', placeholder: 'folder' },
  { ...KLOG, name: 'log_file', kind: 'text', placeholder: 'file' },
  { ...KLOG, name: 'log_file_max_size', kind: 'text', placeholder: 'size' },
  { ...KLOG, name: 'log_backtrace_at', kind: 'text', placeholder: 'place' },
  { ...KLOG, name: 'add_dir_header', kind: 'switch' },
  { ...KLOG, name: 'skip_headers', kind: 'switch' },
  { ...KLOG, name: 'skip_log_headers', kind: 'switch' },
  { ...KLOG, name: 'one_output', kind: 'switch' },
  {
    name: 'help',
    short: 'h',
    kind: 'switch',
    group: OTHER,
    commands: [],
    commandLineOnly: true,
    help: 'show this help',
  },
] as const satisfies readonly FlagDefinition[];

type Definition = (typeof DEFINITIONS)[number];
type Kind<K extends FlagDefinition['kind']> = Extract<Definition, { readonly kind: K }>['name'];

/** The long name of a flag, without dashes. */
export type FlagName = Definition['name'];
/** A flag that is on or off. */
export type SwitchName = Kind<'switch'>;
/** A flag that takes one text or one file. */
export type TextName = Kind<'text' | 'file'>;
/** A flag that takes one file. */
export type FileName = Kind<'file'>;
/** A flag that takes a list. */
export type ListName = Kind<'list'>;
/** A flag that takes one text, all of which some command reads. */
export type RepeatedName = Extract<Definition, { readonly repeats: true }>['name'];
type FlagOfKind<K extends FlagDefinition['kind']> = Omit<
  Extract<FlagDefinition, { readonly kind: K }>,
  'name'
> & { readonly name: Kind<K> };
/** The definition of a flag. */
export type Flag = FlagOfKind<'switch'> | FlagOfKind<'text'> | FlagOfKind<'file'> | FlagOfKind<'list'>;

/** Every flag, in the order of `--help`. */
export const FLAGS: readonly Flag[] = DEFINITIONS;

const BY_NAME: ReadonlyMap<string, Flag> = new Map(FLAGS.map((flag) => [flag.name, flag] as const));

/** Returns the flag with a long name. */
export function flagNamed(name: string): Flag | undefined {
  return BY_NAME.get(name);
}

/** Returns the flag with a shorthand. */
export function flagWithShort(letter: string): Flag | undefined {
  return FLAGS.find(({ short }) => short === letter);
}

/** Returns the values that a flag of a command may have. Undefined if it may have any. */
export function choicesOf(flag: Flag, command: CommandName | undefined): readonly string[] | undefined {
  if (flag.kind !== 'text') return undefined;
  return (command === undefined ? undefined : flag.choicesOf?.[command]) ?? flag.choices;
}

/** Whether a flag of a command takes no value. */
export function isSwitch(flag: Flag, command: CommandName | undefined): boolean {
  if (flag.kind === 'switch') return true;
  return flag.kind === 'list' && command !== undefined && (flag.switchOf?.includes(command) ?? false);
}

/** The prefix of environment variables that set flags. */
export const VARIABLE_PREFIX = 'SEALED_SECRETS_';

/** Returns the environment variable of a flag. Undefined if it has none. */
export function variableOf({ name, commandLineOnly }: Flag): string | undefined {
  return commandLineOnly ? undefined : VARIABLE_PREFIX + name.replaceAll('-', '_').toUpperCase();
}
