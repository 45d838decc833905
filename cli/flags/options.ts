import { fail } from '../../shared/errors.ts';
import type { Overrides } from '../../shared/kubernetes/auth/kubeconfig/types.ts';
import type { Format } from '../../shared/manifest/write.ts';
import { SCOPES, type Scope } from '../../shared/seal/scope.ts';
import { joined } from '../../shared/text.ts';
import { ParsedFlags } from './parsed-flags.ts';
import { ONE_BY_ONE, wordsBehindFiles } from './left-out.ts';
import { FLAGS, variableOf, type FlagName, type OnceName } from './definitions.ts';

/** What the command line asks for. Absent flags are undefined. */
export interface Options {
  readonly mode: Mode;
  readonly secretFile: string | undefined;
  readonly sealedSecretFile: string | undefined;
  readonly format: Format | undefined;
  readonly cert: string | undefined;
  readonly certFingerprint: string | undefined;
  readonly scope: Scope | undefined;
  readonly name: string | undefined;
  readonly namespace: string | undefined;
  readonly allowEmptyData: boolean;
  /** With keys: whether to re-encrypt under a key that is not the newest of them. */
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
  /** Where the API server is, and who asks it. */
  readonly cluster: Overrides;
  /** klog's level of detail. */
  readonly verbosity: number;
  /** Words that no flag takes, where they may be further input files. */
  readonly wordsBehindFiles: readonly string[];
  /** What the user is to be told about the command line itself. */
  readonly notes: readonly string[];
}

/** The modes in the order in which the reference looks for them, and their flags; the last one needs none. */
const MODES = {
  version: ['version'],
  'recovery-unseal': ['recovery-unseal', 'recovery'],
  validate: ['validate'],
  're-encrypt': ['re-encrypt', 'rotate'],
  'fetch-cert': ['fetch-cert'],
  'merge-into': ['merge-into'],
  raw: ['raw'],
  seal: [],
} as const satisfies Readonly<Record<string, readonly FlagName[]>>;

/** `completion SHELL` is the one command that is a word. */
export type Mode = keyof typeof MODES | 'completion';

/** Throws `Usage` for flags that do not go together, and for variables of the environment that do not parse. */
export function optionsOf(given: ParsedFlags): Options {
  const mode = modeOf(given);
  if (mode !== 'version' && mode !== 'completion') {
    const [problem] = given.problems;
    if (problem !== undefined) refuse(problem);
    refuseSeveral(given);
  }
  const recoveryPrivateKeys = [...given.list('recovery-private-key'), ...given.list('private-key')];
  const typesKeys = given.typed('recovery-private-key') || given.typed('private-key');
  // A variable of the environment alone makes no validation that asks the controller an offline one.
  const usesKeys = mode === 'recovery-unseal' || mode === 're-encrypt' || (mode === 'validate' && typesKeys);
  if (mode === 'recovery-unseal' && recoveryPrivateKeys.length === 0) {
    refuse('--recovery-unseal needs --recovery-private-key FILE');
  }
  if (!usesKeys && mode !== 'version' && typesKeys) {
    refuse('--recovery-private-key goes with --recovery-unseal, --re-encrypt or --validate');
  }
  return {
    mode,
    secretFile: unlessDash(given.text('secret-file')),
    sealedSecretFile: unlessDash(given.text('sealed-secret-file')),
    format: oneOf(['json', 'yaml'], given.text('format')),
    cert: given.text('cert'),
    certFingerprint: given.text('cert-fingerprint'),
    scope: oneOf(SCOPES, given.text('scope')),
    name: given.text('name'),
    namespace: given.text('namespace'),
    allowEmptyData: given.on('allow-empty-data'),
    allowOldCertificate: given.on('allow-old-certificate'),
    keyHint: given.on('key-hint'),
    fromFile: fromFile(given, mode),
    mergeInto: given.text('merge-into'),
    recoveryPrivateKeys: usesKeys ? recoveryPrivateKeys : [],
    shell: mode === 'completion' ? given.words[1] : undefined,
    controllerName: given.text('controller-name') ?? '',
    controllerNamespace: given.text('controller-namespace') ?? '',
    cluster: overridesOf(given),
    verbosity: Number.parseInt(given.text('v') ?? '0', 10) || 0,
    wordsBehindFiles: mode === 'version' || mode === 'completion' ? [] : wordsBehindFiles(given),
    notes: notesOn(given, mode),
  };
}

const ONCE = ['secret-file', 'sealed-secret-file', 'merge-into'] as const satisfies readonly OnceName[];

/** The reference takes the last one, and says nothing of the others. */
function refuseSeveral(given: ParsedFlags): void {
  for (const name of ONCE) {
    const files = given.list(name);
    if (files.length > 1)
      refuse(`--${name} takes one file, not ${files.length} (${joined(files)}): ${ONE_BY_ONE}`);
  }
}

function overridesOf(given: ParsedFlags): Overrides {
  return {
    kubeconfig: given.text('kubeconfig'),
    context: given.text('context'),
    cluster: given.text('cluster'),
    user: given.text('user'),
    server: given.text('server'),
    token: given.text('token'),
    as: given.text('as'),
    asUid: given.text('as-uid'),
    asGroup: given.list('as-group'),
    certificateAuthority: given.text('certificate-authority'),
    clientCertificate: given.text('client-certificate'),
    clientKey: given.text('client-key'),
    insecureSkipTlsVerify: given.on('insecure-skip-tls-verify'),
    tlsServerName: given.text('tls-server-name'),
    proxyUrl: given.text('proxy-url'),
    requestTimeout: given.text('request-timeout'),
    disableCompression: given.on('disable-compression'),
    username: given.text('username'),
    password: given.text('password'),
  };
}

function modeOf(given: ParsedFlags): Mode {
  const asked = (Object.entries(MODES) as [keyof typeof MODES, readonly FlagName[]][]).flatMap(
    ([mode, flags]) => {
      const flag = flags.find((name) => isGiven(given, name));
      return flag === undefined ? [] : [{ mode, flag }];
    },
  );
  const [first, second] = asked;
  if (first === undefined) return given.words[0] === 'completion' ? 'completion' : 'seal';
  if (second !== undefined && first.mode !== 'version') {
    refuse(`${shown(given, first.flag)} and ${shown(given, second.flag)} are two modes: give one`);
  }
  return first.mode;
}

type ModeFlag = (typeof MODES)[keyof typeof MODES][number];

function isGiven(given: ParsedFlags, name: FlagName): boolean {
  const flag = name as ModeFlag;
  return flag === 'merge-into' ? given.text(flag) !== undefined : given.on(flag);
}

/** The flag, and where it comes from when nobody typed it. */
function shown(given: ParsedFlags, name: FlagName): string {
  const flag = FLAGS.get(name);
  return given.typed(name) || !flag ? `--${name}` : `--${name} (by ${variableOf(name, flag) ?? ''})`;
}

function notesOn(given: ParsedFlags, mode: Mode): string[] {
  const ignored = mode === 'completion' ? given.words.slice(2) : given.words;
  const words = ignored.map((word) => JSON.stringify(word)).join(' ');
  return [
    ...(words === '' ? [] : [`(ignored: ${words})`]),
    ...(given.typed('rotate') ? ['(--rotate is now called --re-encrypt)'] : []),
  ];
}

/** The reference takes `KEY=PATH` too, as kubectl does, and drops the key. */
function fromFile(given: ParsedFlags, mode: Mode): string | undefined {
  const files = given.list('from-file');
  const [file] = files;
  if (file === undefined || mode === 'version') return undefined;
  if (mode !== 'raw') {
    if (given.typed('from-file')) refuse('--from-file requires --raw');
    return undefined;
  }
  if (files.length > 1) refuse('--from-file: --raw seals one value: give one file');
  const path = file.slice(file.indexOf('=') + 1);
  return path === '' ? refuse('--from-file: give KEY=PATH, or PATH') : unlessDash(path);
}

/** `-` stands for stdin or stdout, as no file at all does. */
function unlessDash(file: string | undefined): string | undefined {
  return file === '-' ? undefined : file;
}

function oneOf<T extends string>(values: readonly T[], text: string | undefined): T | undefined {
  return values.find((value) => value === text);
}

function refuse(problem: string): never {
  return fail({ code: 'Usage', problem });
}
