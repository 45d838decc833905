import { fail } from '../errors.ts';
import type { Overrides } from '../../shared/kubernetes/auth/kubeconfig/types.ts';
import type { Format } from '../../shared/manifest/write.ts';
import { SCOPES, type Scope } from '../../shared/seal/scope.ts';
import { joined } from '../../shared/text.ts';
import { ParsedFlags } from './parsed-flags.ts';
import { ONE_BY_ONE, possibleFiles } from './left-out.ts';
import { FLAGS, variableOf, type FlagName, type OnceName } from './definitions.ts';

/** The options of a command, from the command line and the environment. Absent flags are undefined. */
export interface Options {
  readonly command: CommandName;
  readonly secretFile: string | undefined;
  readonly sealedSecretFile: string | undefined;
  readonly format: Format | undefined;
  readonly cert: string | undefined;
  readonly certFingerprint: string | undefined;
  readonly scope: Scope | undefined;
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly allowEmptyData: boolean;
  /** Whether to re-encrypt with a certificate that is older than the newest private key. */
  readonly allowOldCertificate: boolean;
  readonly keyHint: boolean;
  /** With `--raw`: the file that holds the value. */
  readonly fromFile: string | undefined;
  /** With `--merge-into`: the file to change. */
  readonly mergeInto: string | undefined;
  readonly recoveryPrivateKeys: readonly string[];
  /** With `completion`: the shell. */
  readonly shell: string | undefined;
  readonly controllerName: string;
  readonly controllerNamespace: string;
  /** Overrides of the kubeconfig: the API server and the user. */
  readonly cluster: Overrides;
  /** The verbosity of klog's `-v`; 0 by default. */
  readonly verbosity: number;
  /** Arguments that may be further input files, which are refused; see `possibleFiles`. */
  readonly possibleFiles: readonly string[];
  /** Warnings about the command line itself. */
  readonly warnings: readonly string[];
}

/** The flags that select each command, in the reference's order of precedence. Sealing is the default. */
const COMMAND_FLAGS = {
  version: ['version'],
  'recovery-unseal': ['recovery-unseal', 'recovery'],
  validate: ['validate'],
  're-encrypt': ['re-encrypt', 'rotate'],
  'fetch-cert': ['fetch-cert'],
  'merge-into': ['merge-into'],
  raw: ['raw'],
  seal: [],
} as const satisfies Readonly<Record<string, readonly FlagName[]>>;

/** Only `completion SHELL` is selected by an argument rather than a flag. */
export type CommandName = keyof typeof COMMAND_FLAGS | 'completion';

/**
 * Returns the options of a command. Throws `Usage` for flags that exclude each other and for environment variables that
 * do not parse.
 */
export function optionsOf(flags: ParsedFlags): Options {
  const command = commandOf(flags);
  if (command !== 'version' && command !== 'completion') {
    const [problem] = flags.problems;
    if (problem !== undefined) refuse(problem);
    refuseSeveral(flags);
  }
  const recoveryPrivateKeys = [...flags.list('recovery-private-key'), ...flags.list('private-key')];
  const typesKeys = flags.typed('recovery-private-key') || flags.typed('private-key');
  // Keys from the environment alone do not turn --validate into an offline command.
  const usesKeys =
    command === 'recovery-unseal' || command === 're-encrypt' || (command === 'validate' && typesKeys);
  if (command === 'recovery-unseal' && recoveryPrivateKeys.length === 0) {
    refuse('--recovery-unseal needs --recovery-private-key FILE');
  }
  if (!usesKeys && command !== 'version' && typesKeys) {
    refuse('--recovery-private-key goes with --recovery-unseal, --re-encrypt or --validate');
  }
  return {
    command,
    secretFile: unlessDash(flags.text('secret-file')),
    sealedSecretFile: unlessDash(flags.text('sealed-secret-file')),
    format: oneOf(['json', 'yaml'], flags.text('format')),
    cert: flags.text('cert'),
    certFingerprint: flags.text('cert-fingerprint'),
    scope: oneOf(SCOPES, flags.text('scope')),
    name: flags.text('name'),
    namespace: flags.text('namespace'),
    allowEmptyData: flags.on('allow-empty-data'),
    allowOldCertificate: flags.on('allow-old-certificate'),
    keyHint: flags.on('key-hint'),
    fromFile: fromFileOf(flags, command),
    mergeInto: flags.text('merge-into'),
    recoveryPrivateKeys: usesKeys ? recoveryPrivateKeys : [],
    shell: command === 'completion' ? flags.words[1] : undefined,
    controllerName: flags.text('controller-name') ?? '',
    controllerNamespace: flags.text('controller-namespace') ?? '',
    cluster: overridesOf(flags),
    verbosity: Number.parseInt(flags.text('v') ?? '0', 10) || 0,
    possibleFiles: command === 'version' || command === 'completion' ? [] : possibleFiles(flags),
    warnings: warningsAbout(flags, command),
  };
}

const SINGLE_FILES = [
  'secret-file',
  'sealed-secret-file',
  'merge-into',
] as const satisfies readonly OnceName[];

/** Refuses several files for one flag: the reference silently uses the last one. */
function refuseSeveral(flags: ParsedFlags): void {
  for (const name of SINGLE_FILES) {
    const files = flags.list(name);
    if (files.length > 1)
      refuse(`--${name} takes one file, not ${files.length} (${joined(files)}): ${ONE_BY_ONE}`);
  }
}

function overridesOf(flags: ParsedFlags): Overrides {
  return {
    kubeconfig: flags.text('kubeconfig'),
    context: flags.text('context'),
    cluster: flags.text('cluster'),
    user: flags.text('user'),
    server: flags.text('server'),
    token: flags.text('token'),
    as: flags.text('as'),
    asUid: flags.text('as-uid'),
    asGroup: flags.list('as-group'),
    certificateAuthority: flags.text('certificate-authority'),
    clientCertificate: flags.text('client-certificate'),
    clientKey: flags.text('client-key'),
    insecureSkipTlsVerify: flags.on('insecure-skip-tls-verify'),
    tlsServerName: flags.text('tls-server-name'),
    proxyUrl: flags.text('proxy-url'),
    requestTimeout: flags.text('request-timeout'),
    disableCompression: flags.on('disable-compression'),
    username: flags.text('username'),
    password: flags.text('password'),
  };
}

function commandOf(flags: ParsedFlags): CommandName {
  const selected = (
    Object.entries(COMMAND_FLAGS) as [keyof typeof COMMAND_FLAGS, readonly FlagName[]][]
  ).flatMap(([command, names]) => {
    const flag = names.find((name) => isSet(flags, name));
    return flag === undefined ? [] : [{ command, flag }];
  });
  const [first, second] = selected;
  if (first === undefined) return flags.words[0] === 'completion' ? 'completion' : 'seal';
  if (second !== undefined && first.command !== 'version') {
    refuse(
      `${describeFlag(flags, first.flag)} and ${describeFlag(flags, second.flag)} are two modes: give one`,
    );
  }
  return first.command;
}

type CommandFlag = (typeof COMMAND_FLAGS)[keyof typeof COMMAND_FLAGS][number];

function isSet(flags: ParsedFlags, name: FlagName): boolean {
  const flag = name as CommandFlag;
  return flag === 'merge-into' ? flags.text(flag) !== undefined : flags.on(flag);
}

/** Returns the flag, with its environment variable if it comes from there. */
function describeFlag(flags: ParsedFlags, name: FlagName): string {
  const flag = FLAGS.get(name);
  return flags.typed(name) || !flag ? `--${name}` : `--${name} (by ${variableOf(name, flag) ?? ''})`;
}

function warningsAbout(flags: ParsedFlags, command: CommandName): string[] {
  const ignored = command === 'completion' ? flags.words.slice(2) : flags.words;
  const words = ignored.map((word) => JSON.stringify(word)).join(' ');
  return [
    ...(words === '' ? [] : [`(ignored: ${words})`]),
    ...(flags.typed('rotate') ? ['(--rotate is now called --re-encrypt)'] : []),
  ];
}

/** Returns the path of `--from-file`. As in the reference, it may be `KEY=PATH`, and the key is ignored. */
function fromFileOf(flags: ParsedFlags, command: CommandName): string | undefined {
  const files = flags.list('from-file');
  const [file] = files;
  if (file === undefined || command === 'version') return undefined;
  if (command !== 'raw') {
    if (flags.typed('from-file')) refuse('--from-file requires --raw');
    return undefined;
  }
  if (files.length > 1) refuse('--from-file: --raw seals one value: give one file');
  const path = file.slice(file.indexOf('=') + 1);
  return path === '' ? refuse('--from-file: give KEY=PATH, or PATH') : unlessDash(path);
}

/** Treats `-` (stdin or stdout) as no file. */
function unlessDash(file: string | undefined): string | undefined {
  return file === '-' ? undefined : file;
}

function oneOf<T extends string>(values: readonly T[], text: string | undefined): T | undefined {
  return values.find((value) => value === text);
}

function refuse(problem: string): never {
  return fail({ code: 'Usage', problem });
}
